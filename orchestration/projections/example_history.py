"""What the scorer said about an example: the request, the reply, what was read in it, and if it is right."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from ...agents.call_events import reply_to
from ...agents.messages import PromptScored, ScoringRequested
from ...agents.messages.scores import Outcome
from ...agents.upcasting import UPCASTERS
from ...storage.errors import UnknownRun
from ...storage.reader import Reader
from ...storage.redaction import is_redacted
from .call_records import CallRecord
from .history import LoggedMessage, RunHistory


@dataclass(frozen=True, slots=True)
class RecordedAnswer:
    """One reply to one example. Texts are None where they were redacted, or where there is no reply yet."""

    prompt: str
    task: str
    split: str
    stage: str
    call: int
    """The seq of the request."""
    asked: str | None
    replied: str | None
    """Empty where the options' likelihoods were compared instead."""
    likelihoods: dict[str, float] | None
    """Option -> log-likelihood, natural logarithm."""
    answer: str | None
    """What was read in it; None where nothing could be."""
    correct: bool | None
    """None as long as there is no verdict."""
    followed: bool | None
    confidence: float | None
    prompt_tokens: int
    completion_tokens: int
    latency: float
    """Seconds."""
    reused: bool


@dataclass(frozen=True, slots=True)
class Verdict:
    """What another prompt made of the same example."""

    prompt: str
    stage: str
    answer: str | None
    correct: bool
    confidence: float | None


@dataclass(frozen=True, slots=True)
class ExampleHistory:
    """An example, what one prompt's model said about it, and what the others made of it."""

    task: str
    example: str
    question: str | None
    wanted: str | None
    answers: tuple[RecordedAnswer, ...]
    others: tuple[Verdict, ...]


def story_of(account: RunHistory, reader: Reader, prompt: str, example: str) -> ExampleHistory:
    """All that `prompt` was asked about the example with this id. Raises `UnknownRun` where it was not."""
    scored = {said.cause: message for said, message in account.of(PromptScored)}
    found = [
        (said, request, scored.get(said.id))
        for said, request in account.of(ScoringRequested)
        if example in request.examples
    ]
    mine = [entry for entry in found if entry[1].candidate.id == prompt]
    if not mine:
        raise UnknownRun(_unasked(account, prompt, example, [request for _, request, _ in found]))
    task = mine[-1][1].task
    known = account.example(task, example)
    return ExampleHistory(
        task=task,
        example=example,
        question=known.question if known else None,
        wanted=known.answer if known else None,
        answers=tuple(_answers(account, reader, mine, example)),
        others=tuple(_verdicts(found, prompt, task, example)),
    )


def _unasked(account: RunHistory, prompt: str, example: str, others: list[ScoringRequested]) -> str:
    if others:
        asked = ", ".join(dict.fromkeys(request.candidate.id for request in others))
        return f"{prompt} was not asked example {example!r}. These were: {asked}."
    hint = next((e.id for t in account.tasks.values() for e in t.dev), "")
    return f"No prompt of {account.run} was asked an example {example!r}; ids look like {hint!r}."


def _answers(
    account: RunHistory,
    reader: Reader,
    asked: list[tuple[LoggedMessage, ScoringRequested, PromptScored | None]],
    example: str,
) -> Iterator[RecordedAnswer]:
    for said, request, scored in asked:
        outcome = _outcome(scored, example)
        for call in account.calls.by_id.values():
            if call.cause == said.id and call.about.endswith(f" / {example}"):
                yield _answer(account, reader, request, call, outcome)


def _answer(
    account: RunHistory, reader: Reader, request: ScoringRequested, call: CallRecord, outcome: Outcome | None
) -> RecordedAnswer:
    texts = _texts(reader, account.run, call)
    return RecordedAnswer(
        prompt=request.candidate.id,
        task=request.task,
        split=request.split,
        stage=request.stage,
        call=call.seq,
        asked=texts.asked,
        replied=texts.replied,
        likelihoods=texts.likelihoods,
        answer=outcome.answer if outcome else None,
        correct=outcome.correct if outcome else None,
        followed=outcome.followed if outcome else None,
        confidence=outcome.confidence if outcome else None,
        prompt_tokens=call.prompt_tokens,
        completion_tokens=call.completion_tokens,
        latency=call.latency,
        reused=call.reused,
    )


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
        asked="\n\n".join(m["content"] for m in request["messages"]) if request else None,
        replied=reply["text"] if reply else None,
        likelihoods=dict(zip(options, scores, strict=True)) if options and scores else None,
    )


def _verdicts(
    found: list[tuple[LoggedMessage, ScoringRequested, PromptScored | None]],
    prompt: str,
    task: str,
    example: str,
) -> Iterator[Verdict]:
    told: set[str] = set()
    for _, request, scored in found:
        outcome = _outcome(scored, example)
        id_ = request.candidate.id
        if outcome is None or request.task != task or id_ == prompt or id_ in told:
            continue
        told.add(id_)
        yield Verdict(id_, request.stage, outcome.answer, outcome.correct, outcome.confidence)


def _outcome(scored: PromptScored | None, example: str) -> Outcome | None:
    outcomes = scored.outcomes if scored else ()
    return next((outcome for outcome in outcomes if outcome.example == example), None)
