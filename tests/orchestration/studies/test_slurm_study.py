"""A study as jobs of Slurm, on the executor of submitit that takes processes of this computer."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest
from child_processes import child_environment
from killed_runs import serving
from studies_making import (
    STUDY,
    check_nothing_repeated,
    events_of,
    runs_under_way,
    table_of,
    wait_until,
    write_study,
    writer_of,
)

from transfer_prompting.storage.sqlite.reader import LogReader

pytest.importorskip("submitit")
SMALL = STUDY[: STUDY.index("[models.little")].replace("[1, 2, 3]", "[1]")
_TP = "from transfer_prompting.orchestration.cli import main; main()"


def _kill_a_job(folder: Path) -> None:
    """Kill the process of a run under way that has committed some calls."""

    def kill() -> bool:
        for log in runs_under_way(folder):
            process = writer_of(log)
            if process is not None and _calls(log) > 5:
                os.kill(process, signal.SIGKILL)
                return True
        return False

    wait_until(kill)


def _calls(log: Path) -> int:
    try:
        with LogReader(log) as reader:
            return len(list(reader.read(log.stem, kinds=("call.finished",))))
    except Exception:  # noqa: BLE001 - The log may be just about to be made, or to be removed.
        return 0


async def test_a_killed_job(tmp_path: Path) -> None:
    """A job that is killed is submitted again, goes on where its log ends, and repeats no finished call."""
    async with serving() as server:
        executor = '[executor]\nkind = "slurm"\ncluster = "local"\nworkers = 2\n'
        write_study(tmp_path, server.url, SMALL + executor)
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", _TP, "study", "run", "--display", "none"),
            cwd=tmp_path,
            env=child_environment(OPENAI_API_KEY="not-a-secret"),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        killing = asyncio.create_task(asyncio.to_thread(_kill_a_job, tmp_path))
        _, errors = await process.communicate()
        await killing
        assert process.returncode == 0, errors.decode()
        events = events_of(tmp_path)
        assert len(events) == 6
        assert sum(event.kind == "run.resumed" for of_run in events.values() for event in of_run) == 1
        check_nothing_repeated(events, server)
        assert '"finished": 6' in await table_of(tmp_path)
