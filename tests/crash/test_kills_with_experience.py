"""A run with the experience of earlier runs whose process is killed ends as if it had never been."""

import asyncio
from pathlib import Path
from signal import SIGKILL

import pytest
from carried_runs import left, unanswered
from fold_runs import reply_by_rule, write_folder
from forked_programs import run_forked
from tiny_runs import begin, finished_keys, reenact, resume, said, scripted

from transfer_prompting.agents.experience.carried import CarriedLesson
from transfer_prompting.agents.experience.lessons import Lesson
from transfer_prompting.orchestration.config.settings import Config, read_config
from transfer_prompting.orchestration.experience.pack import Pack, pack_text
from transfer_prompting.storage.event import Event

CARRY = """
import asyncio, sys
from pathlib import Path
sys.path.append(sys.argv[1])
from test_kills_with_experience import carry
from transfer_prompting.storage.crash_points import arm
arm(sys.argv[3], int(sys.argv[4]))
asyncio.run(carry(Path(sys.argv[2])))
"""
PACK = "pack.json"
HELPS, MISLEADS = "Follow the rule of the last digit.", "Heed the phase of the moon."


def lesson(sentence: str) -> CarriedLesson:
    worth = Lesson(sentence=sentence, mean=0.2, sd=0.05, answers=90, examples=40)
    return CarriedLesson(lesson=worth, model="another", answers="label")


def config_of(folder: Path) -> Config:
    """Return the configuration of a run with the pack in `folder`, if it is still there."""
    config = read_config(write_folder(folder))
    pack = folder / PACK
    return config.changed({"experience": (pack,)}) if pack.exists() else config


async def carry(folder: Path) -> list[Event]:
    """Begin or resume the run of `folder`, one call at a time, up to its end; return the log."""
    act = resume if left(folder) else begin
    return await act(config_of(folder), folder, scripted(reply_by_rule), slots=1)


def prepared(folder: Path, sentence: str) -> Path:
    """Write a pack with one lesson into a new folder."""
    folder.mkdir()
    (folder / PACK).write_text(pack_text(Pack(lessons=(lesson(sentence),))))
    return folder


@pytest.mark.parametrize(
    ("sentence", "passes"), [(HELPS, True), (MISLEADS, False)], ids=["helps", "misleads"]
)
def test_killed_half_way(tmp_path: Path, sentence: str, *, passes: bool) -> None:
    """Killed within the gate, half-way and near its end, and without the pack, it says the same bytes."""
    whole = asyncio.run(carry(prepared(tmp_path / "whole", sentence)))
    gate = next(event for event in whole if event.kind == "race.finished")
    assert (b'"winner":null' not in gate.data) is passes
    calls = sum(event.kind == "call.finished" for event in whole)
    for visit in (4, calls // 2, calls - 2):
        folder = prepared(tmp_path / str(visit), sentence)
        assert run_forked(CARRY, Path(__file__).parent, folder, "after-call", visit).returncode == -SIGKILL
        before = left(folder)
        assert before[-1].kind != "run.finished"
        assert unanswered(before)
        (folder / PACK).unlink()
        events = asyncio.run(carry(folder))
        assert events[: len(before)] == before
        assert said(events) == said(whole)
        assert finished_keys(events) == finished_keys(whole)
        assert asyncio.run(reenact(folder)) == len(events)
