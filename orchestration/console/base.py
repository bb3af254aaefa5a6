"""The interface of all displays."""

from collections.abc import Sequence
from types import TracebackType
from typing import Protocol, Self

from ...storage.event import Event


class Display(Protocol):
    """Shows the events of one run, given in the order of the log and from one thread at a time.

    `apply` must be quick, because a run calls it thousands of times. `close` shows the result and restores
    the terminal; closing twice is harmless. Leaving a `with` block closes the display, also after an error
    or Ctrl-C.
    """

    def apply(self, event: Event) -> None:
        """Show one committed event."""
        ...

    def pass_over(self, event: Event) -> None:
        """Count an event in the run's state without showing it."""
        return

    def skip(self, events: Sequence[Event]) -> None:
        """Count old messages in the run's state without showing them, apart from their number."""
        return

    def count(self, event: Event) -> None:
        """Count a call of the backlog; the messages that followed it may have been fed already."""
        return

    def close(self) -> None:
        """Show the result and end the display."""
        ...

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
