"""The display for pipes and files: one plain line for each message, and now and then one about the calls."""

from collections.abc import Sequence

from rich.console import Console, Group, RenderableType

from ...storage.event import Event
from ..projections.decoding import any_message, readable
from ..projections.partial_decode import partly_decoded
from ..projections.run_state import RunState
from .base import Display
from .formatting import row
from .lines import left_out, lines
from .result import outcome

CALLS_PER_LINE = 200
"""Number of finished calls after which a line about the calls is printed."""


class PlainDisplay(Display):
    """Prints lines as they come and never changes a printed line. With `calls` each call has a line too."""

    def __init__(self, console: Console, *, calls: bool = False) -> None:
        self.view = RunState()
        self._console = console
        self._calls = calls
        self._closed = False

    def apply(self, event: Event) -> None:
        """Print the lines of `event`; calls are only counted unless the display was made with `calls`."""
        message = readable(event)
        self.view.apply(event, message)
        if self._calls and message is None:
            self._print(lines(event, any_message(event)))
            return
        self._print(lines(event, message))
        if event.kind == "call.finished" and self.view.calls.finished % CALLS_PER_LINE == 0:
            self._print_progress(event)

    def pass_over(self, event: Event) -> None:
        """Count an event without printing it."""
        self.view.apply(event, readable(event))

    def skip(self, events: Sequence[Event]) -> None:
        """Count old messages and print how many are left out."""
        for event in events:
            self.view.apply(event, partly_decoded(event))
        if events:
            self._print([left_out(len(events))])

    def count(self, event: Event) -> None:
        """Count a call of the backlog without printing it."""
        self.view.apply_call(event)

    def close(self) -> None:
        """Print the tables of prompts and the verdict."""
        if not self._closed:
            self._closed = True
            if self.view.events:
                self._console.print(outcome(self.view))

    def _print_progress(self, event: Event) -> None:
        calls, races = self.view.calls, self.view.races
        self._print(
            [
                row(
                    f"{event.time.astimezone():%H:%M:%S} "
                    f"calls: {calls.finished} done, {calls.in_flight} in flight, {calls.failed} failed; "
                    f"{races.finished} of {races.expected} examples"
                )
            ]
        )

    def _print(self, printed: list[RenderableType]) -> None:
        if printed:
            # Rich joins texts that are passed separately, and the result is no longer shortened to the width.
            self._console.print(Group(*printed))
