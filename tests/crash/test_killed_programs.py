"""A run whose program is killed at any moment goes on, and pays no call of the program twice."""

import asyncio
import json
from pathlib import Path
from random import Random
from signal import SIGKILL

import pytest
from carried_runs import asked, left, repeated, unanswered
from killed_programs import carry_program, carry_program_and_die
from tiny_runs import finished_keys, reenact, said

from transfer_prompting.storage.event import Event

_POINTS = ("before-call", "after-call", "before-commit", "after-commit", "after-insert")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> list[Event]:
    """An uninterrupted run."""
    return asyncio.run(carry_program(tmp_path_factory.mktemp("whole")))


def moments(number: int) -> list[tuple[str, int]]:
    """Return random moments at which a process dies: a point, and the visit of it."""
    random = Random(15)
    return [
        (point, random.randint(1, 60 if "call" in point else 25))
        for point in (_POINTS[n % len(_POINTS)] for n in range(number))
    ]


def check_end(events: list[Event], whole: list[Event]) -> None:
    """Check that a resumed run has decided and asked what the whole one has."""
    assert events[-1].kind == whole[-1].kind == "run.finished"
    decided = [[m for m in said(log) if m[0] != "prompt.scored"] for log in (events, whole)]
    assert decided[0] == decided[1]
    keys = finished_keys(events)
    assert len(keys) == len(set(keys))
    assert set(keys) == set(finished_keys(whole))


async def test_kills(tmp_path: Path, whole: list[Event], pytestconfig: pytest.Config) -> None:
    """After a kill only calls without a reply are repeated, each named; the run ends as the whole one."""
    kills, died = 30 if pytestconfig.getoption("--long", default=False) else 5, 0
    for number, (point, visit) in enumerate(moments(kills)):
        folder = tmp_path / str(number)
        folder.mkdir()
        status = carry_program_and_die(folder, point, visit)
        assert status in (-SIGKILL, 0)
        died += status == -SIGKILL
        before, paid = left(folder), asked(folder)
        events = await carry_program(folder)
        assert events[: len(before)] == before
        check_end(events, whole)
        every, open_ = asked(folder), {json.loads(call.data)["key"] for call in unanswered(before)}
        assert not set(every[len(paid) :]) & set(finished_keys(before))
        assert repeated(every) <= open_
        assert await reenact(folder) == len(events)
    assert died > kills * 2 / 3


async def test_kill_after_kill(tmp_path: Path, whole: list[Event]) -> None:
    """A run that is killed again and again, also while it is being resumed, ends as the whole one."""
    for visit in (9, 7, 5, 11):
        assert carry_program_and_die(tmp_path, "after-call", visit) == -SIGKILL
    events = await carry_program(tmp_path)
    check_end(events, whole)
    named = [set(json.loads(e.data)["reissued"]) for e in events if e.kind == "run.resumed"]
    calls = {e.id: json.loads(e.data)["key"] for e in events if e.kind == "call.requested"}
    for key in repeated(asked(tmp_path)):
        assert any(calls[id_] == key for reissued in named for id_ in reissued)
    assert await reenact(tmp_path) == len(events)


def test_requests_of_programs_say_whose_they_are(whole: list[Event]) -> None:
    """Each call of a program names the execution that made it, and the texts it rests on."""
    executions = {e.id for e in whole if e.kind == "call.requested" and e.sender == "scorer/main"}
    inner = [e for e in whole if e.kind == "call.requested" and e.sender == "model/scorer.program"]
    assert len(inner) >= 2 * len(executions) > 20
    assert {event.cause for event in inner} == executions
    abouts = {json.loads(event.data)["about"].partition(" of ")[0] for event in inner}
    assert abouts == {"find", "tell"}
