"""The rules by which a proposal is scored or rejected."""

from collections.abc import Collection, Iterable, Sequence

from ...prompts.candidate import Candidate, normalised
from ...prompts.reading.proposals import MAX_CHARACTERS
from ...prompts.task import Task
from .standings import Standings

_TELLING_LENGTH = 25
"""Length of a question, in characters, from which its text in an instruction is no coincidence."""


def reason_to_reject(
    candidate: Candidate,
    standings: Standings,
    tasks: Iterable[Task],
    admitted: Collection[Candidate] = (),
    longest: int = MAX_CHARACTERS,
) -> str | None:
    """Return the reason why a candidate must not be scored, or None.

    `admitted` holds candidates of the same step that are not in the standings yet, and `longest` is the
    number of characters of the longest prompt allowed.
    """
    if candidate.id in standings or any(candidate.id == other.id for other in admitted):
        return "it was tried before"
    if not candidate.text:
        return "it is empty"
    if len(candidate.text) > longest:
        return f"it has {len(candidate.text)} characters, at most {longest} are allowed"
    if leak := _leaked(candidate, tasks):
        return f"it repeats example {leak}, whose answer it would give away"
    return None


def distinct(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Return the candidates without repetitions; of equal prompts the first stays, in the order given."""
    found: dict[str, Candidate] = {}
    for candidate in candidates:
        found.setdefault(candidate.id, candidate)
    return list(found.values())


def _leaked(candidate: Candidate, tasks: Iterable[Task]) -> str | None:
    """Return the id of a development or test example whose question the candidate holds, or None."""
    text = normalised(candidate.text)
    for task in tasks:
        for example in (*task.dev, *task.test):
            question = normalised(example.question)
            if len(question) >= _TELLING_LENGTH and question in text:
                return example.id
    return None
