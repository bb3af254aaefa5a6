"""The executor that a study names. Each is imported only if it is used."""

from ..settings import ExecutorSettings
from .base import Executor


def make_executor(settings: ExecutorSettings, workers: int | None = None) -> Executor:
    """Return the executor of a study; `workers` replaces the number of its workers."""
    from .processes import Processes

    return Processes(workers or settings.workers)
