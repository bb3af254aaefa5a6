"""What every display can do."""

from collections.abc import Sequence
from types import TracebackType
from typing import Protocol, Self

from ...storage.event import Event


class Display(Protocol):
    """Shows the events of one run, fed in the order of the log and from one thread at a time.

    `feed` must be quick: a run feeds it thousands of calls. `close` shows the result and gives the
    terminal back; further calls of it do nothing. Leaving a `with` block closes the display, also after an
    error or Ctrl-C.
    """

    def feed(self, event: Event) -> None:
        """Show one committed event."""
        ...

    def pass_over(self, event: Event) -> None:
        """Take in an event that nobody wants to see: what is summed up holds it all the same."""
        return

    def skip(self, events: Sequence[Event]) -> None:
        """Take in what was said too long ago to be shown; at most say how much it is."""
        return

    def count(self, event: Event) -> None:
        """Take in a call of the backlog, after the messages that followed it."""
        return

    def close(self) -> None:
        """Show the result; the display is at its end."""
        ...

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
