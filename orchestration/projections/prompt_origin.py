"""How a prompt was made: what the reference agent had to go by, and the call in which its model wrote it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ...agents.messages import HistoryEntry, ProposalsMade, ProposalsRequested
from ...prompts.candidate import Candidate, normalised
from ...prompts.demonstrations import without_demonstrations
from .call_records import CallRecord
from .history import LoggedMessage, RunHistory


@dataclass(frozen=True, slots=True)
class ShownMistake:
    """An example that a parent got wrong. Texts are None where the task was redacted."""

    parent: str
    task: str
    example: str
    question: str | None
    wanted: str | None
    answered: str | None
    """None where no answer could be read."""


@dataclass(frozen=True, slots=True)
class ParentThen:
    """A parent as it stood when the prompt was made: its score from 0 to 100 over so many examples."""

    id: str
    score: int
    examples: int


@dataclass(frozen=True, slots=True)
class PromptOrigin:
    """What stood before the reference agent, or before its model, when it made a prompt."""

    requested: int
    """The seq of the request for proposals."""
    call: int | None
    """The seq of the call in which the model wrote it; None for an edit, which needs no model."""
    parents: tuple[ParentThen, ...]
    mistakes: tuple[ShownMistake, ...]
    """The failures of its parents that its model was shown; none for an edit."""
    reply: str
    """What the model wrote, whole; empty for an edit."""


def making_of(account: RunHistory, prompt: str) -> PromptOrigin | None:
    """How the prompt was made; None where nobody proposed it."""
    for said, made in account.of(ProposalsMade):
        candidate = next((c for c in made.candidates if c.id == prompt), None)
        if candidate is not None:
            asked = ((s, m) for s, m in account.of(ProposalsRequested) if s.id == said.cause)
            return next((_making(account, candidate, *request) for request in asked), None)
    return None


def _making(
    account: RunHistory, candidate: Candidate, said: LoggedMessage, request: ProposalsRequested
) -> PromptOrigin:
    parents = [entry for entry in request.history if entry.candidate in candidate.parents]
    calls = (call for call in account.calls.by_id.values() if call.cause == said.id)
    call = _writing(calls, candidate)
    offered = (mistake for entry in parents for mistake in _mistakes(account, entry))
    shown = (m for m in offered if call and m.question and m.question[:_TELLING] in call.asked)
    return PromptOrigin(
        requested=said.seq,
        call=call.seq if call else None,
        parents=tuple(ParentThen(p.candidate, p.score, p.examples) for p in parents),
        mistakes=tuple(shown),
        reply=call.replied if call else "",
    )


_TELLING = 80
"""Characters of a question by which it is found in a request; long ones are shown cut off."""


def _writing(calls: Iterable[CallRecord], candidate: Candidate) -> CallRecord | None:
    """The call whose reply holds the instruction: a reply is not committed together with its prompt."""
    instruction = normalised(without_demonstrations(candidate.text))
    for call in calls:
        if f"({candidate.operator})" in call.about and instruction in normalised(call.replied):
            return call
    return None


def _mistakes(account: RunHistory, entry: HistoryEntry) -> Iterator[ShownMistake]:
    for failure in entry.failures:
        example = account.example(failure.task, failure.example)
        yield ShownMistake(
            parent=entry.candidate,
            task=failure.task,
            example=failure.example,
            question=example.question if example else None,
            wanted=example.answer if example else None,
            answered=failure.answered,
        )
