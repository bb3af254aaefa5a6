"""History of an example: each request about it, the reply, and the answer read from the reply."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from ...agents.call_events import reply_to
from ...agents.messages import PromptScored, ScoringRequested
from ...agents.messages.scores import Outcome
from ...agents.upcasting import UPCASTERS
from ...prompts.content_parts import stored_text
from ...storage.errors import UnknownRun
from ...storage.reader import Reader
from ...storage.redaction import is_redacted
from .call_records import CallRecord, subject
from .execution_trace import read_trace
from .executions import execution_of
from .history import LoggedMessage, RunHistory
from .trace_records import ExecutionTrace


@dataclass(frozen=True, slots=True)
class RecordedAnswer:
    """One reply to one example. Texts are None if they were redacted or there is no reply yet."""

    prompt: str
    task: str
    split: str
    stage: str
    call: int
    """Seq of the request."""
    asked: str | None
    replied: str | None
    """Empty if the likelihoods of the options were compared instead."""
    likelihoods: dict[str, float] | None
    """Log-likelihood of each option, in nats."""
    answer: str | None
    """Answer read from the reply; None if none could be read."""
    correct: bool | None
    """None until the answer is scored."""
    followed: bool | None
    confidence: float | None
    prompt_tokens: int
    completion_tokens: int
    latency: float
    """Seconds."""
    reused: bool
    trace: ExecutionTrace | None = None
    """Every call of the program that has answered; None without a program."""


@dataclass(frozen=True, slots=True)
class OtherAnswer:
    """Answer of another prompt to the same example."""

    prompt: str
    stage: str
    answer: str | None
    correct: bool
    confidence: float | None


@dataclass(frozen=True, slots=True)
class ExampleHistory:
    """An example with the answers of one prompt, and the scored answers of the others."""

    task: str
    example: str
    question: str | None
    wanted: str | None
    answers: tuple[RecordedAnswer, ...]
    others: tuple[OtherAnswer, ...]


def example_history(history: RunHistory, reader: Reader, prompt: str, example: str) -> ExampleHistory:
    """Return all that `prompt` was asked about an example. Raises `UnknownRun` if it was not asked."""
    scored = {logged.cause: message for logged, message in history.of(PromptScored)}
    found = [
        (logged, request, scored.get(logged.id))
        for logged, request in history.of(ScoringRequested)
        if example in request.examples
    ]
    mine = [entry for entry in found if entry[1].candidate.id == prompt]
    if not mine:
        raise UnknownRun(_not_asked(history, prompt, example, [request for _, request, _ in found]))
    task = mine[-1][1].task
    known = history.example(task, example)
    return ExampleHistory(
        task=task,
        example=example,
        question=known.question if known else None,
        wanted=known.answer if known else None,
        answers=tuple(_answers(history, reader, mine, example)),
        others=tuple(_others(found, prompt, task, example)),
    )


def _not_asked(history: RunHistory, prompt: str, example: str, others: list[ScoringRequested]) -> str:
    if others:
        asked = ", ".join(dict.fromkeys(request.candidate.id for request in others))
        return f"{prompt} was not asked about example {example!r}. These were: {asked}."
    hint = next((e.id for t in history.tasks.values() for e in t.dev), "")
    return f"No prompt of {history.run} was asked about an example {example!r}; ids look like {hint!r}."


def _answers(
    history: RunHistory,
    reader: Reader,
    asked: list[tuple[LoggedMessage, ScoringRequested, PromptScored | None]],
    example: str,
) -> Iterator[RecordedAnswer]:
    for logged, request, scored in asked:
        outcome = _outcome(scored, example)
        about = subject(request.candidate.id, example)
        for call in history.calls.by_id.values():
            if call.cause == logged.id and call.about == about:
                yield recorded_answer(history, reader, request, call, outcome)


def recorded_answer(
    history: RunHistory, reader: Reader, request: ScoringRequested, call: CallRecord, outcome: Outcome | None
) -> RecordedAnswer:
    """Return the answer that `call` has brought to an example of `request`, with its texts."""
    texts = _texts(reader, history.run, call)
    trace = _trace(reader, history.run, call)
    steps = trace.steps if trace else ()
    return RecordedAnswer(
        prompt=request.candidate.id,
        task=request.task,
        split=request.split,
        stage=request.stage,
        call=call.seq,
        asked=texts.asked,
        replied=trace.output if trace else texts.replied,
        likelihoods=texts.likelihoods,
        answer=outcome.answer if outcome else None,
        correct=outcome.correct if outcome else None,
        followed=outcome.followed if outcome else None,
        confidence=outcome.confidence if outcome else None,
        prompt_tokens=call.prompt_tokens + sum(step.prompt_tokens for step in steps),
        completion_tokens=call.completion_tokens + sum(step.completion_tokens for step in steps),
        latency=call.latency,
        reused=call.reused,
        trace=trace,
    )


def _trace(reader: Reader, run: str, call: CallRecord) -> ExecutionTrace | None:
    execution = execution_of(reader, reader.event(run, call.seq)) if call.executes else None
    return read_trace(reader, execution) if execution else None


class _Texts(NamedTuple):
    asked: str | None
    replied: str | None
    likelihoods: dict[str, float] | None


def _texts(reader: Reader, run: str, call: CallRecord) -> _Texts:
    asked = reader.event(run, call.seq)
    request = None if is_redacted(asked) else UPCASTERS.payload(asked)["request"]
    reply = None
    if call.ended is not None:
        answered = reply_to(reader, run, call.id)
        reply = None if is_redacted(answered) else UPCASTERS.payload(answered)["reply"]
    options = request.get("options") if request else None
    scores = reply.get("option_logprobs") if reply else None
    return _Texts(
        asked="\n\n".join(stored_text(m["content"]) for m in request["messages"]) if request else None,
        replied=reply["text"] if reply else None,
        likelihoods=dict(zip(options, scores, strict=True)) if options and scores else None,
    )


def _others(
    found: list[tuple[LoggedMessage, ScoringRequested, PromptScored | None]],
    prompt: str,
    task: str,
    example: str,
) -> Iterator[OtherAnswer]:
    seen: set[str] = set()
    for _, request, scored in found:
        outcome = _outcome(scored, example)
        id_ = request.candidate.id
        if outcome is None or request.task != task or id_ == prompt or id_ in seen:
            continue
        seen.add(id_)
        yield OtherAnswer(id_, request.stage, outcome.answer, outcome.correct, outcome.confidence)


def _outcome(scored: PromptScored | None, example: str) -> Outcome | None:
    outcomes = scored.outcomes if scored else ()
    return next((outcome for outcome in outcomes if outcome.example == example), None)
