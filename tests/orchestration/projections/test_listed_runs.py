"""The list of the runs of a log: what each was about, and what came of it."""

import json
from pathlib import Path
from typing import Any

import pytest
from log_making import writing

from transfer_prompting.orchestration.projections.listed_runs import ListedRun, listed_runs
from transfer_prompting.storage.event import Draft
from transfer_prompting.storage.opening import open_reader

STARTED = {"kind": "run.started", "target_tasks": ["tickets"]}


def _schema(payload: dict[str, Any]) -> int:
    return 1 if payload["kind"] == "targets.finished" else 2


async def listed(folder: Path, *payloads: dict[str, Any]) -> ListedRun:
    """Return the only run of a log that holds these messages."""
    with writing(folder / "log.db") as log:
        await log.append(
            [
                Draft(
                    "r",
                    f"e{n}",
                    payload["kind"],
                    _schema(payload),
                    "curator/main",
                    (),
                    None,
                    json.dumps(payload).encode(),
                )
                for n, payload in enumerate(payloads)
            ]
        )
    with open_reader(folder / "log.db") as reader:
        [run] = listed_runs(reader)
    return run


@pytest.mark.parametrize(
    ("ended", "outcome"),
    [
        ({"improved": True, "comparisons": [{"difference": 0.125}]}, "+12.5 points"),
        ({"improved": False, "comparisons": [{"difference": 0.02}]}, "no improvement found"),
        ({"improved": True, "comparisons": [{"difference": "<b>"}]}, ""),
        ({"improved": True, "comparisons": 3}, ""),
    ],
)
async def test_outcome(tmp_path: Path, ended: dict[str, Any], outcome: str) -> None:
    """A finished run says its gain, or that there is none; a verdict of another shape says nothing."""
    run = await listed(tmp_path, STARTED, {"kind": "run.finished", **ended})
    assert run.targets == ("tickets",)
    assert run.outcome == outcome


async def test_outcome_of_several_targets(tmp_path: Path) -> None:
    """A run with several targets says how many of them have improved."""
    ended = {"kind": "targets.finished", "targets": ["a", "b"], "improved": ["b"]}
    run = await listed(tmp_path, {"kind": "run.started", "target_tasks": ["a", "b"]}, ended)
    assert (run.targets, run.outcome) == (("a", "b"), "1 of 2 improved")


async def test_unfinished(tmp_path: Path) -> None:
    """A run that has not ended has no outcome."""
    assert (await listed(tmp_path, STARTED)).outcome == ""


async def test_a_target_is_told_by_its_name(tmp_path: Path) -> None:
    """A task that was given by its folder has the name of the folder, as everywhere else."""
    run = await listed(tmp_path, {"kind": "run.started", "target_tasks": ["/data/tasks/tickets"]})
    assert run.targets == ("tickets",)
