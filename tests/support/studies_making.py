"""Studies in miniature: small tasks, and models on a server of the test that answer by a hash."""

import asyncio
import json
import os
from collections.abc import Callable
from pathlib import Path
from time import sleep
from typing import Any

from forked_programs import TP, run_forked
from killed_runs import Server, start_tp
from tiny_runs import write_task

from transfer_prompting.orchestration.studies.logs import StudyLogs
from transfer_prompting.orchestration.studies.plan import plan_study
from transfer_prompting.storage.event import Event
from transfer_prompting.storage.opening import open_reader
from transfer_prompting.storage.place import Place

STUDY = """
name = "small"
seeds = [1, 2, 3]
arms = ["target only", "from scratch", "transfer"]
[run.source]
steps = 1
candidates = 2
examples = 6
[run.target]
steps = 1
candidates = 2
examples = 6
test_examples = 6
[run.search]
seed_prompts = false
operators = ["history", "extend", "paraphrase"]
[targets.first]
sources = ["third"]
[targets.second]
sources = ["third", "first"]
[models.large]
provider = "openai"
model = "m"
base_url = "URL"
[models.little.scorer]
provider = "openai"
model = "n"
base_url = "URL"
"""
CELLS = 2 * 2 * 3 * 3
_LOOKS = 6000


def write_study(folder: Path, url: str = "http://127.0.0.1:9/v1", text: str = STUDY) -> Path:
    """Write a study with its tasks into `folder`; return the file."""
    for name in ("first", "second", "third"):
        if not (folder / name).exists():
            write_task(folder, name)
    path = folder / "study.toml"
    path.write_text(text.replace("URL", url))
    return path


def events_of(folder: Path, log: Place | None = None) -> dict[str, list[Event]]:
    """Return the events of every run of a study's log, after a check of their hashes."""
    with open_reader(log or folder / "small.db") as reader:
        runs = [one.run for one in reader.runs()]
        for run in runs:
            reader.verify(run)
        return {run: list(reader.read(run)) for run in runs}


def runs_under_way(folder: Path) -> list[Path]:
    """Return the files of the cells that are under way or were cut off."""
    return sorted((folder / "small.db.cells").glob("*.db"))


def writer_of(log: Path) -> int | None:
    """Return the id of the process that has written a log last; None before there is one."""
    lock = log.with_name(f"{log.name}.lock")
    text = lock.read_text().strip() if lock.exists() else ""
    return int(text) if text else None


def is_worker(process: int) -> bool:
    """Return whether a process is a worker of a study, and not the process that merges its runs."""
    try:
        return b"studies.worker" in Path(f"/proc/{process}/cmdline").read_bytes()
    except OSError:
        return False


def wait_until(condition: Callable[[], bool]) -> None:
    """Wait until a condition holds. Raise `AssertionError` rather than hang if it never does."""
    for _ in range(_LOOKS):
        if condition():
            return
        sleep(0.05)
    raise AssertionError("what the test waits for has not come")


def wait_for_end(processes: list[int]) -> None:
    """Wait until none of these processes is a worker any more."""
    wait_until(lambda: not any(map(is_worker, processes)))


def kill_a_worker(folder: Path) -> bool:
    """Kill the worker of a cell that is under way; return whether there was one."""
    for log in runs_under_way(folder):
        process = writer_of(log)
        if process is not None and is_worker(process):
            os.kill(process, 9)
            return True
    return False


async def table_of(folder: Path, *arguments: str) -> str:
    """Return what `tp study show --json` prints in a folder."""
    command = ("study", "show", "--json", *arguments)
    done = await asyncio.to_thread(run_forked, TP, *command, folder=folder)
    assert done.returncode == 0, done.stderr
    return done.stdout


async def carried_out(folder: Path, server: Server) -> str:
    """Carry out the study without a disturbance in a new folder; return its document."""
    write_study(folder, server.url)
    started = await start_tp(folder, "study", "run")
    assert await started.wait() == 0, started.errors
    check_nothing_repeated(events_of(folder), server)
    server.asked.clear()
    return await table_of(folder)


def results(document: str) -> dict[str, Any]:
    """Return the part of a study's JSON document that no interruption may change."""
    found: dict[str, Any] = json.loads(document)
    for cell in found["cells"]:
        # What was asked again was paid for twice.
        for cost in ("tokens", "money", "calls"):
            del cell[cost]
    return {key: found[key] for key in ("rows", "contrasts", "cells", "finished", "planned", "tests")}


def check_nothing_repeated(events: dict[str, list[Event]], server: Server) -> None:
    """Assert that no reply in the log was asked for again, but for the calls that the log names."""
    finished, reissued = 0, 0
    for of_run in events.values():
        made = [json.loads(event.data) for event in of_run if event.kind == "call.finished"]
        keys = [call["key"] for call in made if call["reused"] is None]
        assert len(keys) == len(set(keys))
        finished += len(keys)
        resumed = [json.loads(event.data)["reissued"] for event in of_run if event.kind == "run.resumed"]
        reissued += sum(map(len, resumed))
    assert finished <= server.asked.total() <= finished + reissued


def states(path: Path) -> list[str]:
    """Return the statuses of all runs of a study."""
    plan = plan_study(path)
    logs = StudyLogs(path.parent / "small.db")
    return [logs.state(cell).status for cell in plan.runs]
