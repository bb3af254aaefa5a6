"""The display for pipes and files: plain lines for the messages, and now and then one about the calls."""

from collections.abc import Sequence

from rich.console import Console, RenderableType

from ...agents.call_events import CALL_KINDS
from ...storage.event import Event
from ..projections.conversation import Block, Conversation
from ..projections.decoding import any_message, readable
from ..projections.partial_decode import partly_decoded
from ..projections.run_state import RunState
from .base import Display
from .blocks import brief_lines
from .formatting import row
from .lines import left_out, lines
from .result import outcome
from .uncut import uncut

CALLS_PER_LINE = 200
"""Number of finished calls after which a line about the calls is printed."""
_SILENCE = 60_000_000
"""Microseconds without a line after which the next call gets one about the calls."""


class PlainDisplay(Display):
    """Prints lines as they come and never changes a printed line.

    What is said alike about several prompts is one line, unless `fold` is false. With `calls` each call has a
    line too.
    """

    def __init__(self, console: Console, *, calls: bool = False, fold: bool = True) -> None:
        self.view = RunState()
        self._console = console
        self._calls = calls
        self._closed = False
        self._conversation = Conversation(fold)
        self._last = 0

    def apply(self, event: Event) -> None:
        """Print what is complete with `event`. Calls are only counted, unless `calls` asks for them."""
        message = readable(event)
        self.view.apply(event, message)
        if event.kind in CALL_KINDS:
            self._apply_call(event)
            return
        self._end(self._conversation.apply(event, message))

    def pass_over(self, event: Event) -> None:
        """Count an event without printing it."""
        message = readable(event)
        self._conversation.note(message)
        self.view.apply(event, message)

    def skip(self, events: Sequence[Event]) -> None:
        """Count old messages and print how many are left out."""
        for event in events:
            message = partly_decoded(event)
            self._conversation.note(message)
            self.view.apply(event, message)
        if events:
            self._print([left_out(len(events))], events[-1].at)

    def count(self, event: Event) -> None:
        """Count a call of the backlog without printing it."""
        self.view.apply_call(event)

    def close(self) -> None:
        """Print the tables of prompts and the verdict."""
        if not self._closed:
            self._closed = True
            self._end(self._conversation.close())
            if self.view.events:
                self._console.print(outcome(self.view))

    def _apply_call(self, event: Event) -> None:
        self._end(self._conversation.pause())
        if self._calls:
            self._print(lines(event, any_message(event)), event.at)
        elif event.kind == "call.finished" and self._is_due(event):
            self._print([self._progress(event)], event.at)

    def _is_due(self, event: Event) -> bool:
        """Return whether many calls have ended since the last line, or nothing was said for long."""
        return self.view.calls.finished % CALLS_PER_LINE == 0 or event.at - self._last > _SILENCE

    def _progress(self, event: Event) -> RenderableType:
        calls, races = self.view.calls, self.view.races
        return row(
            f"{event.time.astimezone():%H:%M:%S} "
            f"calls: {calls.finished} done, {calls.in_flight} in flight, {calls.failed} failed; "
            f"{races.finished} of {races.expected} examples"
        )

    def _end(self, blocks: Sequence[Block]) -> None:
        for block in blocks:
            self._print(brief_lines(block), block.events[-1].at)

    def _print(self, printed: Sequence[RenderableType], at: int) -> None:
        self._last = at
        for line in printed:
            self._console.print(uncut(line), soft_wrap=True)
