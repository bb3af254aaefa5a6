"""A run with a program whose process is killed again and again pays for no inner call twice."""

import asyncio
import json
import time
from collections import Counter
from pathlib import Path
from random import Random
from signal import SIGKILL

import pytest
from carried_runs import asked, left, unanswered
from forked_programs import Forked
from program_runs import FILE, TWO_STEPS, answer_as_steps, carry_program, inner, program_config
from tiny_runs import finished_keys, reenact, said, scripted

from transfer_prompting.agents.models.base import ModelRequest
from transfer_prompting.agents.models.scripted import ScriptedModel
from transfer_prompting.orchestration.calls.dispatcher import call_key
from transfer_prompting.storage.crash_points import POINTS
from transfer_prompting.storage.event import Event

CARRY = """
import asyncio, sys
from pathlib import Path
sys.path.append(sys.argv[1])
from test_program_kills import carry
from transfer_prompting.storage.crash_points import arm
if sys.argv[3]:
    arm(sys.argv[3], int(sys.argv[4]))
asyncio.run(carry(Path(sys.argv[2])))
"""
KILLS, FEW = 30, 3


def noting(folder: Path) -> ScriptedModel:
    """A model that writes the key of each call to a file before it answers, to outlive the process."""

    def answer(request: ModelRequest) -> str:
        with (folder / "asked").open("a") as notes:
            notes.write(call_key("scripted", request) + "\n")
        return answer_as_steps(request)

    return scripted(answer, delay=lambda _: 0.005)


async def carry(folder: Path) -> list[Event]:
    """Begin or resume the run of `folder` up to its end; return its log."""
    config = program_config(folder, TWO_STEPS, steps=1, candidates=2)
    return await carry_program(config, folder, noting(folder), going_on=bool(left(folder)), slots=4)


def carry_and_die(folder: Path, point: str, visit: int, seconds: float | None = None) -> int:
    """Run in another process that dies at a crash point, or after some seconds; return its exit status."""
    with Forked(CARRY, Path(__file__).parent, folder, point, visit) as process:
        if seconds is not None:
            _wait_for_calls(folder, process)
            time.sleep(seconds)
            process.kill()
        return process.wait(60)


def _wait_for_calls(folder: Path, process: Forked) -> None:
    known = len(asked(folder))
    while len(asked(folder)) == known and process.returncode is None:
        time.sleep(0.01)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> list[Event]:
    """An uninterrupted run."""
    return asyncio.run(carry(tmp_path_factory.mktemp("whole")))


async def test_no_inner_call_is_paid_twice(
    tmp_path: Path, whole: list[Event], request: pytest.FixtureRequest
) -> None:
    """After each kill what has a reply is asked no more, and the run ends as if it had never been killed.

    There are thirty kills with `--long`. The run is then re-enacted without program and model.
    """
    kills = KILLS if request.config.getoption("--long", default=False) else FEW
    random, folder, number = Random(kills), tmp_path, 0
    died = 0
    while died < kills:
        number += 1
        assert number < 3 * kills
        folder = tmp_path / f"run-{number}"
        folder.mkdir()
        for _ in range(3):
            point, seconds = random.choice(POINTS), random.choice([None, random.uniform(0, 0.6)])
            status = carry_and_die(folder, "" if seconds else point, random.randint(1, 30), seconds)
            died += status == -SIGKILL
            assert status in (0, -SIGKILL)
        await _check(folder, whole)


async def _check(folder: Path, whole: list[Event]) -> None:
    before, paid = left(folder), asked(folder)
    open_ = {json.loads(call.data)["key"] for call in unanswered(before)}
    ended = bool(before) and before[-1].kind == "run.finished"
    events = before if ended else await carry(folder)
    assert events[: len(before)] == before
    assert events[-1].kind == "run.finished"
    assert _decided(events) == _decided(whole)
    keys = finished_keys(events)
    assert len(keys) == len(set(keys))
    again = asked(folder)[len(paid) :]
    assert not set(again) & set(finished_keys(before))
    assert {key for key, times in Counter(again).items() if times > 1} <= open_
    assert inner(events)
    (folder / FILE).unlink()
    assert await reenact(folder) == len(events)


def _decided(events: list[Event]) -> list[tuple[str, str, bytes]]:
    """Return what was said, without the opening, which names the folder, and with the scores at the end.

    Concurrent scores come in any order.
    """
    told = [message for message in said(events) if message[0] != "run.started"]
    scores = sorted(message for message in told if message[0] == "prompt.scored")
    return [message for message in told if message[0] != "prompt.scored"] + scores
