"""A run goes on by the reading rules by which it began, whatever the rules of today."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from tiny_runs import begin, copy_prefix, read, reenact, reply_by_hash, scripted, tiny_config

from transfer_prompting.agents.models.base import ModelRequest
from transfer_prompting.orchestration.config.overrides import apply
from transfer_prompting.orchestration.config.settings import recorded_config
from transfer_prompting.orchestration.errors import ReplayDivergence
from transfer_prompting.storage.event import Event


def share(request: ModelRequest) -> str:
    """Return an answer with a confidence that the two versions of the rules read otherwise."""
    return reply_by_hash(request).replace("Confidence: ", "Confidence: 0.")


def in_one_line(request: ModelRequest) -> str:
    """Return an answer that, for half of the questions, only the second version of the rules finds."""
    reply = reply_by_hash(request)
    return reply.replace("\nConfidence", ", Confidence") if "yes" in reply else reply


def with_text_tag(request: ModelRequest) -> str:
    """Return an instruction with a tag that the first version of the rules drops."""
    return reply_by_hash(request).replace("Decide with", "Read the <text> with")


REPLIES = pytest.mark.parametrize("answer", [share, in_one_line, with_text_tag])


def _folder(path: Path) -> Path:
    path.mkdir()
    return path


async def _log_with(folder: Path, events: list[Event], search: dict[str, object]) -> Path:
    """Write `events` to a log in `folder`, with other search settings in the configuration."""
    started = json.loads(events[0].data)
    started["config"]["search"] = search
    await copy_prefix([events[0]._replace(data=json.dumps(started).encode()), *events[1:]], folder)
    return folder


@REPLIES
async def test_log_without_the_setting(tmp_path: Path, answer: Callable[[ModelRequest], str]) -> None:
    """A log whose configuration lacks the setting is re-enacted by the first rules, byte for byte."""
    events = await begin(tiny_config(tmp_path, reading=1), tmp_path, scripted(answer))
    search = json.loads(events[0].data)["config"]["search"]
    del search["reading"]
    old = await _log_with(_folder(tmp_path / "old"), events, search)
    assert await reenact(old) == len(events)
    new = await _log_with(_folder(tmp_path / "new"), events, {**search, "reading": 2})
    with pytest.raises(ReplayDivergence):
        await reenact(new)


@REPLIES
async def test_new_run(tmp_path: Path, answer: Callable[[ModelRequest], str]) -> None:
    """A new run records the newest rules, and is re-enacted by them."""
    events = await begin(tiny_config(tmp_path), tmp_path, scripted(answer))
    assert json.loads(events[0].data)["config"]["search"]["reading"] == 2
    assert await reenact(tmp_path) == len(read(tmp_path))


def test_fork_of_an_old_run(tmp_path: Path) -> None:
    """A fork of a run without the setting keeps the first rules, unless it is given others."""
    recorded = tiny_config(tmp_path).model_dump(mode="json", exclude={"log"})
    del recorded["search"]["reading"]
    assert apply(recorded, {"search.temperature": 0.5}).search.reading == 1
    assert apply(recorded, {"search.reading": 2}).search.reading == 2


def test_damaged_configuration() -> None:
    """A configuration without search settings gets the old ones; damaged ones stay, to be refused."""
    assert recorded_config({})["search"] == {"reading": 1, "objective": "composite"}
    assert recorded_config({"search": "x"}) == {"search": "x"}
