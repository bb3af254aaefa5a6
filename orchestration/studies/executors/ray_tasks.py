"""Ray: a task for each cell, on the nodes of a cluster."""

import asyncio
from contextlib import suppress
from typing import Any

from ....agents.models.ray.connection import unreachable
from ...errors import ConfigError
from ..job import CellJob, JobEnd
from ..settings import ExecutorSettings
from .base import Executor
from .remote_work import work


class RayTasks(Executor):
    """Submits cells to a Ray cluster, or to Ray on this computer if there is no address.

    Ray does not try a task again: a lost cell is submitted again by whoever conducts the study, and goes on
    where its log ends.
    """

    def __init__(self, settings: ExecutorSettings, workers: int | None) -> None:
        try:
            import ray
        except ModuleNotFoundError as error:
            raise ConfigError(
                'executor.kind = "ray" needs Ray: pip install "transfer-prompting[ray]".'
            ) from error
        self._ray: Any = ray
        self._owns = not ray.is_initialized()
        if self._owns:
            if reason := unreachable(settings.address):
                raise ConfigError(f"executor.address = {settings.address!r}: {reason}.")
            try:
                ray.init(address=settings.address, log_to_driver=False, configure_logging=False)
            except (ConnectionError, RuntimeError, ValueError) as error:
                raise ConfigError(f"executor.address = {settings.address!r}: {error}.") from error
        self._task = ray.remote(num_cpus=settings.cpus, num_gpus=settings.gpus, max_retries=0)(work)
        self._slots = workers or settings.workers or _fitting(ray.cluster_resources(), settings)
        self._under_way: set[Any] = set()

    @property
    def slots(self) -> int:
        """The number of workers, or else of cells that the cluster had room for at the start."""
        return self._slots

    async def carry_out(self, job: CellJob) -> JobEnd:
        """Return when the task has ended; it is lost if its worker or its node is."""
        task = self._task.remote(job.model_dump_json())
        self._under_way.add(task)
        try:
            return JobEnd.model_validate_json(await task)
        except self._ray.exceptions.RayError as error:
            return JobEnd(how="lost", error=str(error).strip().partition("\n")[0])
        finally:
            self._under_way.discard(task)

    async def close(self) -> None:
        """Cancel all tasks, and leave Ray if this object has started it."""
        for task in tuple(self._under_way):
            with suppress(self._ray.exceptions.RayError):
                self._ray.cancel(task, force=True)
        if self._owns:
            await asyncio.to_thread(self._ray.shutdown)


def _fitting(resources: dict[str, float], settings: ExecutorSettings) -> int:
    """Return the number of cells that fit into the resources of a cluster, which is one at least."""
    wanted = {"CPU": settings.cpus, "GPU": settings.gpus}
    rooms = [resources.get(name, 0.0) / amount for name, amount in wanted.items() if amount]
    return max(1, int(min(rooms, default=1.0)))
