"""The work of a cell, as it is handed to a worker, and how it ended there."""

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict

from ...storage.place import Place, to_place

Log = Annotated[Path | str, AfterValidator(to_place)]


class CellJob(BaseModel):
    """Everything that a worker needs to make the run of a cell, or to continue it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    run: str
    """Name of the run."""
    config: dict[str, Any]
    """Configuration as JSON, without its experience."""
    experience: tuple[Log, ...] = ()
    """Finished runs whose lessons it begins with, as LOG#RUN."""
    folder: Path
    """Folder of the task files."""
    log: Log
    further: Log | None = None
    """Log of the study, if the run may reuse its replies and has a log of its own."""
    earlier: tuple[str, ...] = ()
    """Names of these runs."""
    accept_unreadable: bool = False


class JobEnd(BaseModel):
    """How a worker ended its work on a cell. What it achieved is in the log."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    how: Literal["done", "failed", "busy", "lost"]
    """done: the run has come to its end. failed: it has stopped with an error. busy: another process writes
    its log. lost: the worker is gone."""
    error: str = ""


def at_place(log: Place) -> Place:
    """Return a place that means the same in every working directory."""
    return log.absolute() if isinstance(log, Path) else log
