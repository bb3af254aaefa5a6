"""A handler that fails late or does not end stops its run."""

import asyncio
import json
from pathlib import Path

import pytest
from autogen_core import TopicId
from carried_runs import small_config
from hanging import no_hanging  # noqa: F401 - a fixture
from tiny_runs import begin, read, reenact, resume, said, scripted

from transfer_prompting.agents.models.base import ChatMessage, ModelRequest
from transfer_prompting.agents.roles import scorer
from transfer_prompting.agents.roles.curator import Curator
from transfer_prompting.orchestration.errors import RunStopped
from transfer_prompting.storage.event import Event


async def _stopped(folder: Path, match: str) -> list[Event]:
    """Start the run of `folder`, which must stop and log the reason in its last two events."""
    with pytest.raises(RunStopped, match=match):
        await begin(small_config(folder), folder, scripted())
    events = read(folder)
    assert [event.kind for event in events[-2:]] == ["handler.failed", "run.failed"]
    return events


async def test_raising_after_the_replies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A handler that raises after its replies stops the run, and the run succeeds once it is fixed."""
    (tmp_path / "whole").mkdir()
    whole = await begin(small_config(tmp_path / "whole"), tmp_path / "whole", scripted())

    def fail(*_: object) -> None:
        raise ZeroDivisionError("a bug")

    with monkeypatch.context() as patch:
        patch.setattr(scorer, "answered_by", fail)
        events = await _stopped(tmp_path, "scorer/main raised ZeroDivisionError .* a bug")
        assert await reenact(tmp_path) == len(events)
    failed = json.loads(events[-2].data)
    [handled] = [event for event in events if event.id == failed["event"]]
    assert (failed["agent"], handled.kind) == ("scorer/main", "scoring.requested")
    assert not [event for event in events if event.kind == "prompt.scored"]
    resumed = await resume(small_config(tmp_path), tmp_path, scripted())
    assert sorted(said(resumed)) == sorted(said(whole))


async def test_asking_without_a_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An agent that calls a missing model stops the run, and the error says what to add."""

    async def ask(self: Curator, *_: object) -> None:
        await self.ask([("a word", ModelRequest(messages=(ChatMessage(role="user", content="?"),)))])

    monkeypatch.setattr(Curator, "learn", ask)
    await _stopped(tmp_path, r"add \[models\.curator\]")


async def test_publishing_what_is_no_message(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An object published through AutoGen that is not a message stops the run instead of being dropped."""

    async def babble(self: Curator, *_: object) -> None:
        await self.publish_message("hello", TopicId("stage.started", "main"))

    monkeypatch.setattr(Curator, "learn", babble)
    await _stopped(tmp_path, "str is not a Message: the log cannot hold it")


async def test_clinging_to_a_wait(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A handler that waits outside the journal and resists closing still stops the run."""

    async def cling(*_: object) -> None:
        try:
            await asyncio.sleep(3600)
        except GeneratorExit:
            await asyncio.sleep(3600)

    monkeypatch.setattr(Curator, "learn", cling)
    await _stopped(tmp_path, "curator/main raised")


class Unprintable(Exception):
    """An error whose `__str__` fails."""

    def __str__(self) -> str:
        raise ValueError("no words")


@pytest.mark.parametrize(
    "error",
    [SystemExit(3), asyncio.CancelledError(), GeneratorExit(), Unprintable(), ValueError("half a \ud83d")],
    ids=lambda error: type(error).__name__,
)
async def test_raising_what_nobody_expects(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    """An error that is no `Exception`, or cannot be printed, stops the run with a logged reason."""

    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(scorer, "answered_by", fail)
    await _stopped(tmp_path, "scorer/main raised")
