"""Output of `run --json` and `resume --json`: a record when the run is in the log, and one at its end."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

from ...agents.messages import RunFinished, TargetsFinished
from ...agents.messages.codec import decode
from ...prompts.candidate import Candidate
from ...storage.event import Event
from ...storage.place import Place, shown
from ..projections.run_status import ENDS
from ..runtime.recorded_run import RunVerdict
from .output import print_record

RunEnd = Literal["finished", "no result", "failed", "interrupted"]


@dataclass(frozen=True, slots=True)
class LaunchRecord:
    """A run that has just been written to a log; `seq` is the number of its first event here."""

    run: str
    log: str
    seq: int


@dataclass(frozen=True, slots=True)
class DoneRecord:
    """The end of a run. The verdict and the best prompt are null unless the run finished.

    A run with the outcome "no result" has finished, but its final comparison says nothing; `error` says why.
    """

    run: str
    outcome: RunEnd
    error: str | None
    improved: bool | None
    verdict: str | None
    best: Candidate | None


class RunRecords:
    """Prints a launch record and a done record about the run whose events it is given."""

    def __init__(self, log: Place) -> None:
        self._log = log
        self._run: str | None = None
        self._finished: RunVerdict | None = None
        self.no_result: str | None = None
        """Reason why the finished run has no result; set before the end of the block."""
        self.lost: OSError | None = None
        """The error of the output after which no record is printed; None if there was none."""

    def apply(self, event: Event) -> None:
        """Take in a committed event. The first one prints the launch record."""
        if self._run is None:
            self._run = event.run
            self._print("launch", LaunchRecord(event.run, shown(self._log), event.seq))
        if event.kind in ENDS:
            message = decode(event)
            assert isinstance(message, RunFinished | TargetsFinished)
            self._finished = message

    @contextmanager
    def until_done(self) -> Iterator[None]:
        """Print the done record at the end of the block, however it ends, if there was a launch."""
        try:
            yield
        except KeyboardInterrupt:
            self._print_done("interrupted")
            raise
        except Exception as error:
            self._print_done("failed", str(error))
            raise
        self._print_done("no result" if self.no_result else "finished", self.no_result)

    def _print_done(self, outcome: RunEnd, error: str | None = None) -> None:
        if self._run is None:
            return
        finished = self._finished
        record = DoneRecord(
            run=self._run,
            outcome=outcome,
            error=error,
            improved=bool(finished.improved) if finished else None,
            verdict=finished.gist() if finished else None,
            best=finished.best if isinstance(finished, RunFinished) else None,
        )
        self._print("done", record)

    def _print(self, kind: str, record: LaunchRecord | DoneRecord) -> None:
        """Print a record. An output that fails must not stop the run, or hide its error."""
        try:
            print_record(kind, record)
        except OSError as error:
            self.lost = error
