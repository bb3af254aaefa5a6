"""A replay makes no call and finds the same bytes, or says where they differ."""

import asyncio
from itertools import pairwise
from pathlib import Path
from random import Random

import pytest
from tiny_runs import (
    begin,
    copy_prefix,
    finished_keys,
    raced_config,
    reenact,
    said,
    scripted,
    tiny_config,
)

from transfer_prompting.agents.search import stage
from transfer_prompting.orchestration.errors import ReplayDivergence
from transfer_prompting.storage.event import Event

ARRIVING = ("prompt.scored", "proposals.made")
"""What is said in the order in which calls end; what follows from it must not depend on that."""


async def test_replay_reproduces_every_message(tmp_path: Path) -> None:
    """Run again over the log, every handler publishes the same bytes."""
    events = await begin(tiny_config(tmp_path), tmp_path, scripted())
    assert await reenact(tmp_path) == len(events)


async def test_changed_code_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If an agent now decides differently, the replay stops at that seq and names the difference."""
    await begin(tiny_config(tmp_path), tmp_path, scripted())
    monkeypatch.setattr(stage, "reason_to_reject", lambda *_: "no prompt is good enough")
    with pytest.raises(ReplayDivergence, match=r"candidate\.rejected"):
        await reenact(tmp_path)


async def test_a_changed_message_is_noticed(tmp_path: Path) -> None:
    """A log with another message than the handler publishes is not re-enacted."""
    events = await begin(tiny_config(tmp_path), tmp_path, scripted())
    folder = tmp_path / "other"
    folder.mkdir()
    at = next(i for i, event in enumerate(events) if event.kind == "stage.started")
    del events[at]
    await copy_prefix(events, folder)
    with pytest.raises(ReplayDivergence):
        await reenact(folder)


@pytest.fixture(scope="module")
def raced(tmp_path_factory: pytest.TempPathFactory) -> list[Event]:
    """Return the log of a run with races in which prompts are stopped, one call at a time."""
    folder = tmp_path_factory.mktemp("raced")
    return asyncio.run(begin(raced_config(folder), folder, scripted(), slots=1))


@pytest.mark.parametrize("slots", [16, 64])
async def test_races_do_not_depend_on_timing(tmp_path: Path, raced: list[Event], slots: int) -> None:
    """The results of races and the next requests do not depend on the order of the scores."""
    random = Random(slots)
    delayed = scripted(delay=lambda _request: random.random() / 500)
    many = await begin(raced_config(tmp_path), tmp_path, delayed, slots=slots)
    assert {"candidate.stopped", "race.finished"} <= {event.kind for event in many}
    decided = [m for m in said(many) if m[0] not in ARRIVING]
    assert decided == [m for m in said(raced) if m[0] not in ARRIVING]
    assert sorted(said(many)) == sorted(said(raced))
    assert await reenact(tmp_path) == len(many)


@pytest.mark.parametrize("slots", [1, 16, 64])
async def test_steps_at_once_under_latency(tmp_path: Path, slots: int) -> None:
    """With five steps at a time the conversation does not depend on the latency of replies."""
    random, talks = Random(slots), []
    for name, delay, at_once in (("one", None, 1), ("many", lambda _: random.random() / 500, slots)):
        (tmp_path / name).mkdir()
        config = raced_config(tmp_path / name)
        search = config.search.model_copy(update={"concurrent_steps": 5, "block": 2})
        target = config.only_target.model_copy(update={"steps": 6})
        model = scripted(delay=delay) if delay else scripted()
        changed = config.changed({"search": search, "target": target})
        talks.append(said(await begin(changed, tmp_path / name, model, slots=at_once)))
    one, many = talks
    assert [m for m in many if m[0] not in ARRIVING] == [m for m in one if m[0] not in ARRIVING]
    assert sorted(many) == sorted(one)
    asked = [m[0] for m in one if m[0] in ("proposals.requested", "proposals.made")]
    assert ("proposals.requested",) * 2 in pairwise(asked)


@pytest.mark.parametrize("slots", [1, 16, 64])
async def test_concurrency_and_latency_change_nothing(tmp_path: Path, slots: int) -> None:
    """The conversation does not depend on the number of concurrent calls or their latency."""
    random = Random(slots)
    delayed = scripted(delay=lambda _request: random.random() / 500)
    for name in ("one", "many"):
        (tmp_path / name).mkdir()
    one = await begin(tiny_config(tmp_path / "one"), tmp_path / "one", scripted(), slots=1)
    many = await begin(tiny_config(tmp_path / "many"), tmp_path / "many", delayed, slots=slots)
    # The order of scores is that of their calls; the messages that follow must not depend on it.
    decided = [m for m in said(many) if m[0] not in ARRIVING]
    assert decided == [m for m in said(one) if m[0] not in ARRIVING]
    assert sorted(said(many)) == sorted(said(one))
    assert set(finished_keys(many)) == set(finished_keys(one))
