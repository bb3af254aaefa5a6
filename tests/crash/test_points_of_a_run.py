"""A run whose process dies at each crash point is resumed by another process."""

import asyncio
import json
from pathlib import Path
from signal import SIGKILL

import pytest
from carried_runs import asked, carry, carry_and_die, left, repeated, small_config, unanswered
from tiny_runs import finished_keys, reenact, reply_by_hash, resume, said, scripted

from transfer_prompting.agents.models.base import ModelRequest
from transfer_prompting.orchestration.calls.dispatcher import call_key
from transfer_prompting.storage.crash_points import POINTS
from transfer_prompting.storage.event import Event


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> list[Event]:
    """An uninterrupted run."""
    return asyncio.run(carry(tmp_path_factory.mktemp("whole")))


def _check_same(events: list[Event], whole: list[Event]) -> None:
    # Concurrent replies arrive in any order, and the scores of a step follow that order.
    for log in (events, whole):
        assert log[-1].kind == "run.finished"
    assert sorted(said(events)) == sorted(said(whole))
    decided = [[m for m in said(log) if m[0] != "prompt.scored"] for log in (events, whole)]
    assert decided[0] == decided[1]
    keys = finished_keys(events)
    assert len(keys) == len(set(keys))
    assert set(keys) == set(finished_keys(whole))


@pytest.mark.parametrize("point", POINTS)
async def test_death_at_a_point(tmp_path: Path, whole: list[Event], point: str, visit_of_run: int) -> None:
    """A resumed run ends as an uninterrupted one; only calls without a reply are repeated, and named."""
    # The head anchor lags: a run as small as this replaces it once or twice.
    visit_of_run = 1 if point.endswith("-head") else visit_of_run
    status = carry_and_die(tmp_path, point, visit_of_run)
    before, paid = left(tmp_path), asked(tmp_path)
    # A small run does not pass every point forty times.
    assert status == -SIGKILL or (visit_of_run > 6 and status == 0)
    events = await carry(tmp_path)
    assert events[: len(before)] == before
    _check_same(events, whole)
    open_ = unanswered(before)
    resumed = [json.loads(e.data)["reissued"] for e in events if e.kind == "run.resumed"]
    cut_short = bool(before) and before[-1].kind != "run.finished"
    assert resumed == ([[call.id for call in open_]] if cut_short else [])
    # G8, counted at the model: what has a reply in the log is asked no more, the rest at most once more.
    every = asked(tmp_path)
    assert not set(every[len(paid) :]) & set(finished_keys(before))
    assert repeated(every) <= {json.loads(call.data)["key"] for call in open_}
    assert len(every) - len(set(every)) == len(repeated(every))
    assert await reenact(tmp_path) == len(events)


async def test_death_before_the_first_event(tmp_path: Path, whole: list[Event]) -> None:
    """A run that died before its first commit has called no model, and is simply started again."""
    assert carry_and_die(tmp_path, "before-begin", 1) == -SIGKILL
    assert (left(tmp_path), asked(tmp_path)) == ([], [])
    _check_same(await carry(tmp_path), whole)


async def test_nothing_is_asked_again_before_the_log_says_so(tmp_path: Path) -> None:
    """A resumed run names the calls that it repeats in the log before the model hears of them."""
    assert carry_and_die(tmp_path, "after-call", 5) == -SIGKILL
    count = len(left(tmp_path))
    again = {json.loads(call.data)["key"] for call in unanswered(left(tmp_path))}
    named = []

    def answer(request: ModelRequest) -> str:
        if call_key("scripted", request) in again:
            named.append([e.kind for e in left(tmp_path)[count:] if e.kind == "run.resumed"])
        return reply_by_hash(request)

    await resume(small_config(tmp_path), tmp_path, scripted(answer))
    assert named
    assert named == [["run.resumed"]] * len(named)


async def test_death_after_death(tmp_path: Path, whole: list[Event]) -> None:
    """A run whose process dies repeatedly, also while resuming, ends as an uninterrupted one."""
    # The later lives die early: how many commits a life has depends on how many appends share one.
    for point, visit in (("after-insert", 5), ("after-call", 5), ("after-commit", 2)):
        assert carry_and_die(tmp_path, point, visit) == -SIGKILL
    events = await carry(tmp_path)
    _check_same(events, whole)
    named = [set(json.loads(e.data)["reissued"]) for e in events if e.kind == "run.resumed"]
    for key in repeated(asked(tmp_path)):
        calls = {e.id for e in events if e.kind == "call.requested" and json.loads(e.data)["key"] == key}
        assert sum(bool(calls & reissued) for reissued in named) >= asked(tmp_path).count(key) - 1
    assert await reenact(tmp_path) == len(events)
