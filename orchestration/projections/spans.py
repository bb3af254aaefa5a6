"""A run as spans of time: the run, its stages, their steps, and the calls within them.

Steps overlap, since a race may go on while the next prompts are written. A span is told once, when it has
ended, so that the same log always gives the same spans.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from ...agents.call_events import PROGRAMS
from ...agents.messages import (
    CallFailed,
    CallFinished,
    CallRequested,
    Message,
    PromptScored,
    ScoringRequested,
    StageFinished,
    TargetFinished,
    TaskLoaded,
)
from ...agents.stage_names import stage_target
from ...storage.event import Event
from .decoding import any_message
from .leaderboard import held_out
from .run_status import ENDS, NOTES

SpanKind = Literal["run", "stage", "step", "execution", "call"]
RUN = "run"
"""Id of the span of the whole run."""
VERDICT = "verdict"
"""Stage of the final comparison."""


@dataclass(slots=True)
class Span:
    """A part of a run. Times are in microseconds since 1970; `ended` is that of the last event so far."""

    id: str
    """Unique in the run, and the same whenever the log is read."""
    parent: str | None
    kind: SpanKind
    name: str
    """Name of the run or of the stage, number of the step, or role whose model was asked."""
    began: int
    ended: int
    asked: CallRequested | None = None
    """Request of a call; None if it was redacted."""
    outcome: CallFinished | CallFailed | None = None
    """Reply or failure of a call; None if it was redacted."""
    failed: bool = False
    """True for a call that has no reply."""


class Spans:
    """Finds the spans of one run. Apply every event, in order."""

    def __init__(self) -> None:
        self._open: dict[str, Span] = {}
        """The run, stages and steps that go on."""
        self._closed: set[str] = set()
        self._calls: dict[str, Span] = {}
        """Calls without an outcome."""
        self._places: dict[str, str] = {}
        """Message -> span that it belongs to, the narrowest."""

    def apply(self, event: Event) -> list[Span]:
        """Take in the next event; return the spans that have ended with it."""
        if event.kind in NOTES:
            return []
        self._touch(RUN, None, "run", event.run, event.at)
        message = any_message(event)
        if event.kind == "call.requested":
            self._request(event, message)
            return []
        if event.kind in ("call.finished", "call.failed"):
            return self._settle(event, message)
        if message is not None:
            self._places[event.id] = self._place(message, event.at)
        return list(self._ended(event, message))

    def _place(self, message: Message, at: int) -> str:
        stage, step = getattr(message, "stage", None), getattr(message, "step", None)
        # A task is loaded before its stage begins, and the verdict on a target comes after its stages.
        if stage is None or isinstance(message, (TaskLoaded, TargetFinished)):
            return RUN
        if isinstance(message, (ScoringRequested, PromptScored)) and held_out(message):
            stage, step = _verdict(stage), None
        place = self._touch(f"stage/{stage}", RUN, "stage", stage, at)
        if step is None:
            return place
        return self._touch(f"step/{stage}/{step}", place, "step", str(step), at)

    def _touch(self, id_: str, parent: str | None, kind: SpanKind, name: str, at: int) -> str:
        if id_ not in self._closed:
            self._open.setdefault(id_, Span(id_, parent, kind, name, at, at)).ended = at
        return id_

    def _request(self, event: Event, message: Message | None) -> None:
        asked, cause = message if isinstance(message, CallRequested) else None, event.cause or ""
        name = asked.model if asked else "".join(event.recipients[:1]).partition("/")[2]
        # The cause of a call that a program has made is the execution of the program.
        parent = cause if cause in self._calls else self._places.get(cause, RUN)
        kind: SpanKind = "execution" if name == PROGRAMS else "call"
        self._calls[event.id] = Span(event.id, parent, kind, name, event.at, event.at, asked)

    def _settle(self, event: Event, message: Message | None) -> list[Span]:
        if isinstance(message, CallFailed) and not message.final:
            return []  # The run has stopped, and will ask again.
        call = self._calls.pop(event.cause or "", None)
        if call is None:
            return []
        self._prolong(call.parent, event.at)
        call.ended, call.failed = event.at, event.kind == "call.failed"
        if isinstance(message, (CallFinished, CallFailed)):
            call.outcome = message
        if isinstance(message, CallFinished) and message.reused is None:
            # It may have waited for a slot, or have been asked again by a resumed run.
            call.began = max(call.began, event.at - int(1e6 * message.latency))
        return [call]

    def _prolong(self, id_: str | None, at: int) -> None:
        while id_ is not None and (found := self._open.get(id_)) is not None:
            found.ended, id_ = at, found.parent

    def _ended(self, event: Event, message: Message | None) -> Iterator[Span]:
        if isinstance(message, StageFinished):
            yield from self._close(f"stage/{message.stage}")
        elif isinstance(message, TargetFinished):
            yield from self._close(f"stage/{_verdict(message.stage)}")
        elif event.kind in ENDS:
            yield from self._close(RUN)

    def _close(self, id_: str) -> Iterator[Span]:
        for inner in [inner for inner, one in self._open.items() if one.parent == id_]:
            yield from self._close(inner)
        if (found := self._open.pop(id_, None)) is not None:
            self._closed.add(id_)
            yield found


def _verdict(stage: str) -> str:
    target = stage_target(stage)
    return f"{VERDICT}:{target}" if target else VERDICT
