"""The logs of a study: where the run of a cell is, and what it has come to.

In PostgreSQL all runs are in the log of the study. A file has one writer at a time, so with SQLite every
cell that is under way has a file of its own beside the log, into which it is merged when it has finished.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ...agents.messages import RunStarted
from ...storage.errors import LogEmpty, LogNotFound, StorageError
from ...storage.opening import open_reader
from ...storage.place import Place, shown
from ...storage.reader import Reader
from ..errors import ConfigError
from ..projections.final_measures import FinalMeasures, final_measures
from ..projections.run_state import RunState
from ..projections.run_status import Status
from ..projections.summary import summarised
from ..runtime.recorded_run import read_recorded
from .cell import Cell, written

CellStatus = Literal["not begun"] | Status
REMEDY = "Remove the file, and those whose names begin so, to have the run made again."
"""What can be done about a damaged file of a cell."""


@dataclass(frozen=True, slots=True)
class CellState:
    """What the run of a cell has come to, as its log says."""

    status: CellStatus = "not begun"
    place: Place | None = None
    """Log that holds the run; None if it was not begun."""
    error: str | None = None
    """Error that stopped the run, or reason why it has no result."""
    stage: str | None = None
    evaluations: int = 0
    """Development examples answered so far."""
    score: float | None = None
    """Score of the best prompt of the stage so far, on development examples."""
    tokens: int = 0
    money: float = 0.0
    calls: int = 0
    result: FinalMeasures | None = None
    """None unless the run has finished with a result."""
    model: str = ""
    """Identity of the scorer's model."""
    version: str = ""
    """Version of this package that has begun the run."""

    @property
    def ended(self) -> bool:
        """True if nothing is left to do."""
        return self.status in ("finished", "no result")

    def spent(self, limit: str) -> float:
        """Return what the run has used of "tokens", "money" or "calls"."""
        return float(getattr(self, limit))


class StudyLogs:
    """Reads the states of cells. What has ended is read once."""

    def __init__(self, log: Place) -> None:
        self.log = log
        self._ended: dict[str, CellState] = {}

    def place_of(self, run: str) -> Place:
        """Return the log to which the run of a cell is written while it is under way."""
        return self.log if self.folder is None else self.folder / f"{run}.db"

    @property
    def folder(self) -> Path | None:
        """Folder of what is under way; None if the log is in a database."""
        return self.log.with_name(f"{self.log.name}.cells") if isinstance(self.log, Path) else None

    def state(self, cell: Cell) -> CellState:
        """Return what has become of a cell. Raise `ConfigError` if its run is not what its name says."""
        if cell.run not in self._ended:
            found = self._read(cell)
            if not found.ended:
                return found
            self._ended[cell.run] = found
        return self._ended[cell.run]

    def replies(self, cell: Cell) -> int:
        """Return the number of replies in the log of a run that has not been merged."""
        try:
            with _reading(self.place_of(cell.run)) as reader:
                replies = reader.read(cell.run, kinds=("call.finished",)) if reader else ()
                return sum(1 for _ in replies)
        except StorageError:
            return 0

    def forget(self, cell: Cell) -> None:
        """Read the state of a cell again next time, because its log has moved."""
        self._ended.pop(cell.run, None)

    def _read(self, cell: Cell) -> CellState:
        own = self.place_of(cell.run)
        # Twice in the log of the study, because the run may be merged into it meanwhile.
        for place in (self.log, own, self.log) if own != self.log else (own,):
            try:
                with _reading(place) as reader:
                    if reader is not None and reader.last(cell.run) is not None:
                        return _state(reader, place, cell)
            except StorageError as error:
                if place == self.log:
                    raise
                # One damaged file is no reason to hold up all other cells.
                return CellState("failed", place, error=f"{shown(place)}: {error} {REMEDY}")
        return CellState()


@contextmanager
def _reading(place: Place) -> Iterator[Reader | None]:
    """Yield a reader of a log, or None if there is none, or its writer was killed before the first event."""
    try:
        reader = open_reader(place)
    except (LogNotFound, LogEmpty):
        yield None
        return
    with reader:
        yield reader


def _state(reader: Reader, place: Place, cell: Cell) -> CellState:
    started = _checked(reader, place, cell)
    state = summarised(reader, cell.run)
    spent = state.spending.spent(state.elapsed)
    return CellState(
        status=state.status,
        place=place,
        error=state.no_result or state.error,
        stage=state.stage,
        evaluations=state.evaluations,
        score=_score(state),
        tokens=int(spent["tokens"]),
        money=spent["money"],
        calls=int(spent["calls"]),
        result=final_measures(state) if state.status == "finished" else None,
        model=started.models.get("scorer", ""),
        version=started.versions.get("transfer-prompting", ""),
    )


def _score(state: RunState) -> float | None:
    return state.best.score if state.best else None


def _checked(reader: Reader, place: Place, cell: Cell) -> RunStarted:
    """Return the opening message of a run. Raise `ConfigError` unless it is that of the cell.

    A name can be written by anybody, and defaults of settings may have changed since.
    """
    config, started = read_recorded(reader, cell.run)
    if written(config) != written(cell.config):
        raise ConfigError(
            f"{shown(place)} holds a run {cell.run} whose settings are not those of the cell "
            f"{cell.label}, which has this name. Use another log for the study."
        )
    return started
