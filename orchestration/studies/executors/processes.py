"""Worker processes on this computer."""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE, Process

from pydantic import ValidationError

from ..job import CellJob, JobEnd
from .base import Executor

_WORKER = "transfer_prompting.orchestration.studies.worker"
_LAST_WORDS = 2000
"""Characters of what a lost worker has written that are kept for the error."""
_LONGEST_ANSWER = 2**20


class Processes(Executor):
    """Up to `workers` processes, each of which takes one cell after the other."""

    def __init__(self, workers: int) -> None:
        self._workers = workers
        self._idle: list[_Worker] = []
        self._all: set[_Worker] = set()

    @property
    def slots(self) -> int:
        """The number of workers."""
        return self._workers

    async def carry_out(self, job: CellJob) -> JobEnd:
        """Hand a cell to an idle worker, or to a new one."""
        worker = self._idle.pop() if self._idle else await self._started()
        ended = await worker.carry_out(job)
        if ended.how == "lost":
            self._all.discard(worker)
            await worker.kill()
        else:
            self._idle.append(worker)
        return ended

    async def close(self) -> None:
        """Kill all workers. All that they have finished is in their logs."""
        workers, self._all, self._idle = self._all, set(), []
        for worker in workers:
            await worker.kill()

    async def _started(self) -> "_Worker":
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", _WORKER),
            stdin=PIPE,
            stdout=PIPE,
            stderr=PIPE,
            limit=_LONGEST_ANSWER,
            # Ctrl-C at the terminal is for the process that decides.
            start_new_session=True,
        )
        _share_cores(process.pid, len(self._all), self._workers)
        worker = _Worker(process)
        self._all.add(worker)
        return worker


class _Worker:
    """One process, and the last of what it has written to standard error."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._said = ""
        self._listening = asyncio.ensure_future(self._listen())

    async def carry_out(self, job: CellJob) -> JobEnd:
        """Return how the work on a cell ended."""
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        self._said = ""
        try:
            stdin.write(job.model_dump_json().encode() + b"\n")
            await stdin.drain()
            return JobEnd.model_validate_json(await stdout.readline())
        except (OSError, ValueError, ValidationError):
            # Nothing but the end of the process ends its answers.
            await self._end()
            return JobEnd(how="lost", error=self._last_words())

    async def kill(self) -> None:
        """End the process and wait for its end."""
        if self._process.returncode is None:
            self._process.kill()
        await self._end()

    async def _end(self) -> None:
        """Wait for the end of the process, and close its streams."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        await self._process.stdout.read()
        await self._process.wait()
        await self._listening

    async def _listen(self) -> None:
        stderr = self._process.stderr
        assert stderr is not None
        while text := await stderr.read(_LAST_WORDS):
            self._said = (self._said + text.decode(errors="replace"))[-_LAST_WORDS:]

    def _last_words(self) -> str:
        status = self._process.returncode or 0
        end = f"was killed by signal {-status}" if status < 0 else f"ended with status {status}"
        said = self._said.strip().splitlines()
        return f"The worker {end}." + (f" It said: {said[-1]}" if said else "")


def _share_cores(process: int, number: int, workers: int) -> None:
    """Give a worker its part of the cores, so that models in several processes do not compete."""
    if not hasattr(os, "sched_setaffinity"):
        return
    cores = sorted(os.sched_getaffinity(0))
    part = max(1, len(cores) // workers)
    first = number * part % len(cores)
    os.sched_setaffinity(process, (cores + cores)[first : first + part])
