"""The rules by which a proposal is scored or rejected."""

from collections.abc import Collection, Iterable, Sequence

from ...prompts.candidate import Candidate, normalised
from ...prompts.integrity import breach_of_any
from ...prompts.reading.proposals import MAX_CHARACTERS
from ...prompts.task import Task
from .standings import Standings

_TELLING_LENGTH = 25
"""Length of a question, in characters, from which its text in an instruction is no coincidence."""


def reason_to_reject(
    candidate: Candidate,
    standings: Standings,
    tasks: Sequence[Task],
    admitted: Collection[Candidate] = (),
    characters: int = MAX_CHARACTERS,
) -> str | None:
    """Return the reason why a candidate must not be scored, or None.

    A prompt may have so many `characters`. `admitted` holds candidates of the same step that are not in the
    standings yet.
    """
    if candidate.id in standings or any(candidate.id == other.id for other in admitted):
        return "it was tried before"
    if not candidate.text:
        return "it is empty"
    if len(candidate.text) > characters:
        return f"it has {len(candidate.text)} characters, at most {characters} are allowed"
    if breach := breach_of_any(tasks, candidate.text):
        return breach
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
            shown = (example.question, *(v for v in example.columns.values() if isinstance(v, str)))
            if any(len(one) >= _TELLING_LENGTH and one in text for one in map(normalised, shown)):
                return example.id
    return None
