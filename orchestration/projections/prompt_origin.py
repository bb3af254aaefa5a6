"""Origin of a prompt: what the reference agent was shown, and the call in which its model wrote it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ...agents.messages import HistoryEntry, ProposalsMade, ProposalsRequested
from ...agents.operators.blame import blamed_texts
from ...agents.operators.lineage import changed_texts
from ...prompts.candidate import Candidate, normalised
from ...prompts.demonstrations import without_demonstrations
from ...prompts.named_texts import split_texts
from .call_records import CallRecord
from .history import LoggedMessage, RunHistory

_RECOGNISED_BY = 80
"""Leading characters of a question by which it is found in a request, where long ones are cut off."""

_GIVEN = ("initial", "seed")
"""Operators of prompts that nobody has proposed."""


@dataclass(frozen=True, slots=True)
class ShownMistake:
    """An example that a parent got wrong. Texts of a redacted task are None."""

    parent: str
    task: str
    example: str
    question: str | None
    wanted: str | None
    answered: str | None
    """None if no answer could be read."""


@dataclass(frozen=True, slots=True)
class ParentThen:
    """A parent as it stood when the prompt was made: its score from 0 to 100 over so many examples."""

    id: str
    score: int
    examples: int


@dataclass(frozen=True, slots=True)
class PromptOrigin:
    """The material from which the reference agent, or its model, made a prompt."""

    requested: int
    """Seq of the request for proposals."""
    call: int | None
    """Seq of the call in which the model wrote it; None for an edit, which needs no model."""
    parents: tuple[ParentThen, ...]
    mistakes: tuple[ShownMistake, ...]
    """Mistakes of its parents that the model was shown; none for an edit."""
    blamed: dict[str, float]
    """Share of each text in the failures of the best prompts then; {} without traces."""
    reply: str
    """The model's whole reply; empty for an edit."""


def origin_of(history: RunHistory, prompt: str) -> PromptOrigin | None:
    """Return the origin of a prompt; None if it was not proposed, but stood at the beginning of a stage.

    A model may propose in one stage what is a person's own prompt in another.
    """
    if history.candidates[prompt].operator in _GIVEN:
        return None
    for logged, proposals in history.of(ProposalsMade):
        candidate = next((c for c in proposals.candidates if c.id == prompt), None)
        if candidate is not None:
            requests = ((r, m) for r, m in history.of(ProposalsRequested) if r.id == logged.cause)
            return next((_origin(history, candidate, *request) for request in requests), None)
    return None


def _origin(
    history: RunHistory, candidate: Candidate, logged: LoggedMessage, request: ProposalsRequested
) -> PromptOrigin:
    parents = [entry for entry in request.history if entry.candidate in candidate.parents]
    calls = (call for call in history.calls.by_id.values() if call.cause == logged.id)
    call = _writing_call(calls, candidate, _written(history, candidate))
    offered = (mistake for entry in parents for mistake in _mistakes(history, entry))
    shown = (m for m in offered if call and m.question and m.question[:_RECOGNISED_BY] in call.asked)
    return PromptOrigin(
        requested=logged.seq,
        call=call.seq if call else None,
        parents=tuple(ParentThen(p.candidate, p.score, p.examples) for p in parents),
        mistakes=tuple(shown),
        blamed=_blamed(history, request),
        reply=call.replied if call else "",
    )


def _written(history: RunHistory, candidate: Candidate) -> list[str]:
    """Return the words that a model must have written: the texts that were changed, or the instruction."""
    names, instruction = history.state.texts, without_demonstrations(candidate.text)
    texts = split_texts(instruction, names) if names else None
    changed = changed_texts(candidate.id, history.candidates, names)
    return [normalised(texts[name]) for name in changed] if texts else [normalised(instruction)]


def _writing_call(
    calls: Iterable[CallRecord], candidate: Candidate, written: Sequence[str]
) -> CallRecord | None:
    """Return the call whose reply contains what was `written`; no field of the log names it."""
    for call in calls:
        replied = normalised(call.replied)
        if f"({candidate.operator})" in call.about and all(words in replied for words in written):
            return call
    return None


def _blamed(history: RunHistory, request: ProposalsRequested) -> dict[str, float]:
    failures = [entry.failures for entry in reversed(request.history)]
    traced = any(failure.trace for one in failures for failure in one)
    return blamed_texts(failures, history.state.texts) if traced else {}


def _mistakes(history: RunHistory, entry: HistoryEntry) -> Iterator[ShownMistake]:
    for failure in entry.failures:
        example = history.example(failure.task, failure.example)
        yield ShownMistake(
            parent=entry.candidate,
            task=failure.task,
            example=failure.example,
            question=example.question if example else None,
            wanted=example.answer if example else None,
            answered=failure.answered,
        )
