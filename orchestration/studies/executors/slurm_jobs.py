"""Slurm: a job for each cell, submitted by submitit."""

import asyncio
from contextlib import suppress
from pathlib import Path
from time import sleep
from typing import Any

from ...errors import ConfigError
from ..job import CellJob, JobEnd
from ..settings import ExecutorSettings
from .base import Executor
from .remote_work import work

_POLL = 1.0
"""Seconds between two questions whether a job has ended; submitit itself asks Slurm less often."""
_SLOTS = 100
"""Cells that are submitted at a time, unless the study says another number."""


class SlurmJobs(Executor):
    """Submits cells to Slurm, or to processes of this computer if `cluster` is "local".

    A job that is cut off, by its time limit or otherwise, is lost: its cell is submitted again, and goes on
    where its log ends. `folder` takes what the jobs print.
    """

    def __init__(self, settings: ExecutorSettings, workers: int | None, folder: Path) -> None:
        try:
            import submitit
        except ModuleNotFoundError as error:
            raise ConfigError(
                'executor.kind = "slurm" needs submitit: pip install "transfer-prompting[slurm]".'
            ) from error
        try:
            self._executor = submitit.AutoExecutor(folder=folder, cluster=settings.cluster)
            self._executor.update_parameters(
                timeout_min=settings.minutes,
                cpus_per_task=max(1, round(settings.cpus)),
                gpus_per_node=round(settings.gpus),
                **settings.parameters,
            )
        except (RuntimeError, ValueError, TypeError, NameError) as error:
            raise ConfigError(f"[executor]: {error}") from error
        self._slots = workers or settings.workers or _SLOTS
        self._under_way: set[Any] = set()

    @property
    def slots(self) -> int:
        """The greatest number of jobs in Slurm's queue."""
        return self._slots

    async def carry_out(self, job: CellJob) -> JobEnd:
        """Return when the job has ended."""
        submitted = await asyncio.to_thread(self._executor.submit, work, job.model_dump_json())
        self._under_way.add(submitted)
        try:
            return await asyncio.to_thread(_end_of, submitted)
        finally:
            self._under_way.discard(submitted)

    async def close(self) -> None:
        """Cancel all jobs."""
        for submitted in tuple(self._under_way):
            with suppress(Exception):
                await asyncio.to_thread(submitted.cancel)


def _end_of(submitted: Any) -> JobEnd:
    """Wait for the end of a job. Slurm tells nobody that a job has ended: it has to be asked."""
    from submitit.core.utils import FailedJobError, UncompletedJobError

    while not submitted.done():
        sleep(_POLL)
    try:
        return JobEnd.model_validate_json(submitted.result())
    except (FailedJobError, UncompletedJobError) as error:
        return JobEnd(how="lost", error=f"The job {submitted.job_id} is lost: {_last_line(str(error))}")


def _last_line(text: str) -> str:
    return (text.strip().splitlines() or [""])[-1]
