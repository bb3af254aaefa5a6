"""The model calls behind a message: what was asked, what came back, and what was made of it."""

from collections.abc import Iterable
from dataclasses import dataclass

from ...agents.call_events import reply_to
from ...agents.messages import CallFailed, CallFinished, CallRequested, PromptScored, TaskLoaded
from ...agents.messages.codec import decode
from ...agents.messages.scores import Outcome
from ...agents.models.base import ModelRequest
from ...storage.errors import UnknownRun
from ...storage.event import Event
from .timeline import Timeline, TimelineEntry

_FAR = 20_000
"""Events behind a message among which its calls are looked for."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """One call. `reply` is None while there is none; `expected` is the right answer where it is known."""

    seq: int
    about: str
    request: ModelRequest | None
    reply: CallFinished | None
    failure: str | None
    outcome: Outcome | None
    expected: str | None

    @property
    def example(self) -> str:
        """The id of the example that it is about, or what else it is about."""
        return self.about.rpartition(" / ")[2]


def exchanges(timeline: Timeline, told: TimelineEntry) -> list[Exchange]:
    """The calls that a message led to, or that led to it, in the order of the log."""
    asked = _asked(timeline, told)
    if asked is None:
        return []
    answer = _answer(timeline, asked)
    scored = answer.message if answer and isinstance(answer.message, PromptScored) else None
    outcomes = {outcome.example: outcome for outcome in scored.outcomes} if scored else {}
    expected = _expected(timeline, scored) if scored else {}
    until = answer.event.seq if answer else asked.event.seq + _FAR
    failures = {
        other.event.cause: other.message for other in timeline.told if isinstance(other.message, CallFailed)
    }
    return [
        _exchange(timeline, call, failures.get(call.id), outcomes, expected)
        for call in _calls(timeline, asked.event, until)
    ]


def _asked(timeline: Timeline, told: TimelineEntry) -> TimelineEntry | None:
    """The message whose handling made the calls: `told` itself, or the one that it answers."""
    if told.event.kind.endswith(".requested"):
        return told
    return next((other for other in timeline.told if other.event.id == told.event.cause), None)


def _answer(timeline: Timeline, asked: TimelineEntry) -> TimelineEntry | None:
    kinds = {"prompt.scored", "proposals.made", "prompt.judged"}
    for other in timeline.told:
        if other.event.cause == asked.event.id and other.event.kind in kinds:
            return other
    return None


def _calls(timeline: Timeline, asked: Event, until: int) -> Iterable[Event]:
    for event in timeline.reader.read(timeline.run, after=asked.seq, kinds=("call.requested",)):
        if event.seq > until:
            return
        if event.cause == asked.id:
            yield event


def _exchange(
    timeline: Timeline,
    call: Event,
    failure: CallFailed | None,
    outcomes: dict[str, Outcome],
    expected: dict[str, str],
) -> Exchange:
    asked = decode(call) if call.data else None
    about = asked.about if isinstance(asked, CallRequested) else "(redacted)"
    example = about.rpartition(" / ")[2]
    return Exchange(
        seq=call.seq,
        about=about,
        request=asked.request if isinstance(asked, CallRequested) else None,
        reply=_reply(timeline, call),
        failure=failure.error if failure else None,
        outcome=outcomes.get(example),
        expected=expected.get(example),
    )


def _reply(timeline: Timeline, call: Event) -> CallFinished | None:
    try:
        event = reply_to(timeline.reader, timeline.run, call.id)
    except UnknownRun:
        return None
    message = decode(event) if event.data else None
    return message if isinstance(message, CallFinished) else None


def _expected(timeline: Timeline, scored: PromptScored) -> dict[str, str]:
    for told in timeline.told:
        if isinstance(told.message, TaskLoaded) and told.message.task.name == scored.task:
            task = told.message.task
            return {example.id: example.answer for example in (*task.train, *task.dev, *task.test)}
    return {}
