"""The executor that a study names. Each is imported only if it is used."""

from ...errors import ConfigError
from ..logs import StudyLogs
from ..settings import ExecutorSettings
from .base import Executor


def make_executor(settings: ExecutorSettings, logs: StudyLogs, workers: int | None = None) -> Executor:
    """Return the executor of a study; `workers` replaces the number of its workers.

    Raise `ConfigError` if a package that it needs is missing, or if it cannot be reached.
    """
    match settings.kind:
        case "processes":
            from .processes import Processes

            return Processes(workers or settings.workers or 2)
        case "ray":
            from .ray_tasks import RayTasks

            return RayTasks(settings, workers)
        case "slurm":
            from .slurm_jobs import SlurmJobs

            folder = settings.folder or (logs.folder / "slurm" if logs.folder else None)
            if folder is None:
                raise ConfigError(
                    "executor.folder is missing: with a log in a database, Slurm's jobs need a folder for "
                    "what they print, which all nodes share."
                )
            return SlurmJobs(settings, workers, folder)
