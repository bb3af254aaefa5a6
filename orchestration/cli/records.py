"""What `run --json` and `resume --json` print: one record when the run is in the log, and one at its end."""

from collections.abc import Iterator
from contextlib import contextmanager

from ...agents.messages import RunFinished
from ...agents.messages.codec import decode
from ...storage.event import Event
from ...storage.place import Place, shown
from .documents import print_record


class Records:
    """Prints a launch and a done record about a run whose events it is told."""

    def __init__(self, log: Place) -> None:
        self._log = log
        self._run: str | None = None
        self._finished: RunFinished | None = None

    def apply(self, event: Event) -> None:
        """Take in a committed event."""
        if self._run is None:
            self._run = event.run
            print_record("launch", {"run": event.run, "log": shown(self._log), "seq": event.seq})
        if event.kind == "run.finished":
            message = decode(event)
            assert isinstance(message, RunFinished)
            self._finished = message

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Print the done record at the end of the block, however it ends, if there was a launch."""
        try:
            yield
        except KeyboardInterrupt:
            self._print_done("interrupted")
            raise
        except Exception as error:
            self._print_done("failed", str(error))
            raise
        self._print_done("finished")

    def _print_done(self, outcome: str, error: str | None = None) -> None:
        finished = self._finished
        if self._run is None:
            return
        print_record(
            "done",
            {
                "run": self._run,
                "outcome": outcome,
                "error": error,
                "improved": finished.improved if finished else None,
                "verdict": finished.verdict if finished else None,
                "best": finished.best if finished else None,
            },
        )
