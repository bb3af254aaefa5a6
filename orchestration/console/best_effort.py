"""A display that never stops the run that it shows."""

from types import TracebackType
from typing import Self

from ...storage.event import Event
from .base import Display


class BestEffortDisplay(Display):
    """Passes events on to another display until its output fails, and ignores them from then on."""

    def __init__(self, display: Display) -> None:
        self._display = display
        self.lost: OSError | None = None
        """The error that ended the display; None if there was none."""

    def apply(self, event: Event) -> None:
        """Show one committed event if the output still works."""
        if self.lost is None:
            try:
                self._display.apply(event)
            except OSError as error:
                self.lost = error

    def close(self) -> None:
        """End the display."""
        try:
            self._display.close()
        except OSError as error:
            self.lost = self.lost or error

    def __enter__(self) -> Self:
        self._display.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._display.__exit__(kind, error, trace)
        except OSError as lost:
            self.lost = self.lost or lost
