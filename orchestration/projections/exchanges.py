"""The model calls behind a message, with request, reply, and the answer that was read from the reply."""

from collections.abc import Iterable
from dataclasses import dataclass

from ...agents.call_events import reply_to
from ...agents.messages import CallFailed, CallFinished, CallRequested, PromptScored, TaskLoaded
from ...agents.messages.codec import decode
from ...agents.messages.scores import Outcome
from ...agents.models.base import ModelRequest
from ...agents.programs.request import read_executed
from ...storage.errors import UnknownRun
from ...storage.event import Event
from .decoding import any_message
from .execution_trace import execution_of
from .executions import is_execution, is_inner_request
from .timeline import Timeline, TimelineEntry

_SEARCHED = 20_000
"""Number of events after a message that are searched for its calls while it has no answer."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """One call. `reply` is None until there is one; `expected` is the correct answer, or None if unknown."""

    seq: int
    about: str
    request: ModelRequest | None
    reply: CallFinished | None
    failure: str | None
    outcome: Outcome | None
    expected: str | None
    execution: Event | None = None
    """The request to run the program that this call is, or that has made it; None without a program."""

    @property
    def executes(self) -> bool:
        """True for an execution of a program."""
        return self.execution is not None and self.execution.seq == self.seq

    @property
    def tokens(self) -> tuple[int, int]:
        """Tokens of request and reply; those of an execution are those of its calls."""
        if self.reply is None:
            return 0, 0
        cost = self.reply.reply
        if self.executes:
            try:
                executed = read_executed(cost)
            except (ValueError, TypeError, LookupError):
                return 0, 0
            return executed.prompt_tokens, executed.completion_tokens
        return cost.prompt_tokens, cost.completion_tokens

    @property
    def example(self) -> str:
        """Return the id of the example that the call is about, or its subject if there is no example."""
        return self.about.rpartition(" / ")[2]


def exchanges(timeline: Timeline, entry: TimelineEntry) -> list[Exchange]:
    """Return the calls that a message caused, or that led to it, in the order of the log.

    A call, or the outcome of one, is its own.
    """
    if entry.event.kind.startswith("call."):
        return _of_call(timeline, entry.event)
    asked = _asked(timeline, entry)
    if asked is None:
        return []
    answer = _answer(timeline, asked)
    scored = answer.message if answer and isinstance(answer.message, PromptScored) else None
    outcomes = {outcome.example: outcome for outcome in scored.outcomes} if scored else {}
    expected = _expected(timeline, scored) if scored else {}
    until = answer.event.seq if answer else asked.event.seq + _SEARCHED
    failures = {
        other.event.cause: other.message
        for other in timeline.entries
        if isinstance(other.message, CallFailed)
    }
    return [
        _exchange(timeline, call, failures.get(call.id), outcomes, expected)
        for call in _calls(timeline, asked.event, until)
    ]


def _of_call(timeline: Timeline, event: Event) -> list[Exchange]:
    known = [event] if event.kind == "call.requested" else []
    found = known or timeline.reader.with_ids(timeline.run, [event.cause] if event.cause else [])
    failed = any_message(event) if event.kind == "call.failed" else None
    failure = failed if isinstance(failed, CallFailed) else None
    return [_exchange(timeline, call, failure, {}, {}) for call in found if call.kind == "call.requested"]


def _asked(timeline: Timeline, entry: TimelineEntry) -> TimelineEntry | None:
    """Return the message whose handling made the calls: `entry` itself, or the one that it answers."""
    if entry.event.kind.endswith(".requested"):
        return entry
    return next((other for other in timeline.entries if other.event.id == entry.event.cause), None)


def _answer(timeline: Timeline, asked: TimelineEntry) -> TimelineEntry | None:
    kinds = {"prompt.scored", "proposals.made", "prompt.judged"}
    for other in timeline.entries:
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
        execution=_execution(timeline, call),
    )


def _execution(timeline: Timeline, call: Event) -> Event | None:
    if is_execution(call):
        return call
    return execution_of(timeline.reader, call) if is_inner_request(call) else None


def _reply(timeline: Timeline, call: Event) -> CallFinished | None:
    try:
        event = reply_to(timeline.reader, timeline.run, call.id)
    except UnknownRun:
        return None
    message = decode(event) if event.data else None
    return message if isinstance(message, CallFinished) else None


def _expected(timeline: Timeline, scored: PromptScored) -> dict[str, str]:
    for entry in timeline.entries:
        if isinstance(entry.message, TaskLoaded) and entry.message.task.name == scored.task:
            task = entry.message.task
            return {example.id: example.answer for example in (*task.train, *task.dev, *task.test)}
    return {}
