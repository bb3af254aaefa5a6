"""Choose among several answers in one reply, and find the confidence of the chosen one.

The last answer counts if the ones before it agree or are clearly drafts: stated before the final answer, or
followed by words of a changed mind. Otherwise the reply has no answer, because any choice would be a guess.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from .labels import Rank

_CHANGED_MIND = re.compile(
    r"\b(?:wait|actually|correction|corrected|hmm+|sorry|rather|"
    r"reconsider\w*|second thought|mistaken?|let me|but|"
    r"however|on reflection|revis\w+|instead|oops|re-?check\w*|re-?read\w*|scratch that|no,)(?!\w)",
    re.IGNORECASE,
)
_LONGEST_TURN = 20_000
"""Number of characters between two answers in which words of a changed mind are looked for."""

Same = Callable[[str, str], bool]


@dataclass(frozen=True, slots=True)
class Statement:
    """A place of a reply that states an answer."""

    start: int
    end: int
    rank: Rank
    answer: str | None
    """Canonical answer; None if it cannot be read."""


def chosen(
    statements: Sequence[Statement], confidences: Sequence[int], text: str, same: Same
) -> Statement | None:
    """Return the statement that is the answer; None if there is none or if several contradict each other.

    `confidences` are the places of the readable confidences, in order.
    """
    current: Statement | None = None
    clear = True
    counting = _counting(statements)
    for index, statement in enumerate(counting):
        after = counting[index + 1].start if index + 1 < len(counting) else len(text)
        has_confidence = any(statement.start <= place < after for place in confidences)
        if current is None or (statement.answer is not None and _agree(current, statement, same)):
            current = statement if statement.answer is not None else current
        elif statement.answer is None:
            # A note such as "- Answer: no is for others" takes nothing back.
            had_confidence = any(place < statement.start for place in confidences)
            clear = clear and had_confidence and not has_confidence
        else:
            clear = bool(
                _CHANGED_MIND.search(text, max(current.end, statement.start - _LONGEST_TURN), statement.start)
            )
            current = statement
    return current if clear else None


def confidence_of(
    statement: Statement | None,
    statements: Sequence[Statement],
    confidences: Sequence[tuple[int, float]],
    same: Same,
) -> float | None:
    """Return the confidence that belongs to `statement`; None if there is none or if several differ.

    Confidences after it come first. One before it counts if no other answer is stated that it may belong to.
    """
    if statement is None:
        return _only([share for _, share in confidences])
    others = [other for other in statements if other.rank >= Rank.LINE and not _agree(other, statement, same)]
    end = min(
        (other.start for other in others if other.start > statement.start and other.answer), default=None
    )
    after = [
        share for place, share in confidences if place >= statement.start and (end is None or place < end)
    ]
    if after:
        return _only(after)
    drafts = any(other.start < statement.start for other in others)
    return None if drafts else _only([share for place, share in confidences if place < statement.start])


def _counting(statements: Sequence[Statement]) -> list[Statement]:
    """Return the statements of the highest rank, and the readable ones after them."""
    readable = [one for one in statements if one.answer is not None or one.rank >= Rank.LINE]
    top = max((one.rank for one in readable), default=Rank.BARE)
    first = next((one.start for one in readable if one.rank == top), 0)
    last = max((one.end for one in readable if one.rank == top), default=0)
    return [
        one
        for one in readable
        if one.rank == top
        or (one.start >= last and one.answer is not None)
        or (one.start > first and one.rank >= Rank.LINE)
    ]


def _agree(one: Statement, other: Statement, same: Same) -> bool:
    return one.answer is not None and other.answer is not None and same(one.answer, other.answer)


def _only(shares: Sequence[float]) -> float | None:
    return shares[0] if shares and all(abs(share - shares[0]) < 1e-9 for share in shares) else None
