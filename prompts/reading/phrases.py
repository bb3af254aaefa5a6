"""Phrases around an answer: the words that lead to it, and the explanation that follows it."""

import re
from collections.abc import Callable, Iterator
from itertools import islice

_LEAD = re.compile(
    r"(?:the\s+)?(?:(?:correct|right|final|best)\s+)?(?:answer|label|option|choice|category|class|letter|sentiment)"
    r"(?:\s+(?:is|would be|must be)\b|\s*[:=])?\s*"
    r"|(?:it|this|that)(?:\s+is|'s|’s)\s+|(?:i\s+(?:think|believe)|i(?:'d|’d| would)\s+say)\s+"
    r"|(?:most\s+)?(?:probably|likely|certainly|definitely|clearly)\s+|(?:so|thus|therefore|hence)(?:,|\s)\s*",
    re.IGNORECASE,
)
_LONGEST_PHRASE = 200
_TRAIL = re.compile(
    r"\s(?:is|would be)\s(?:the\s)?(?:(?:correct|right|best)\s?)?(?:answer|option|choice|one)?\W{0,3}\Z",
    re.IGNORECASE,
)
_SEPARATOR = re.compile(
    r"(?P<reason>,?\s+(?:because|since|given|as|with|due to|based on)\b)"
    r"|(?P<sentence>[.!?。！？]+\s+|\n+|[:;：；]\s+)"
    r"|(?P<aside>[,，、]\s*|\s+[-–—]+\s+|—|\s*[(\[（])",
    re.IGNORECASE,
)
_CHANGED_MIND = re.compile(
    r"\W{0,9}(?:or|and|but|not|unless|except|if|maybe|perhaps|possibly|alternatively|otherwise|no\s*,|wait|actually|"
    r"rather)\b"
    r"|[^\n]{0,2000}?\b(?:wait\b|on second thought|or rather|correction\b|i mean\b|i take that back)",
    re.IGNORECASE,
)
_CLAUSE_END = re.compile(r"[,.;:!?()\n–—，。；：！？]+")
_MOST = 8
"""Highest number of separators at which an explanation is looked for."""

Read = Callable[[str], str | None]


def without_lead(text: str) -> str:
    """Return `text` without words such as "the answer is" or "probably" before the answer."""
    for _ in range(3):
        lead = _LEAD.match(text)
        if not lead or not lead[0] or lead.end() == len(text):
            return text
        text = text[lead.end() :]
    return text


def without_trail(text: str) -> str:
    """Return `text` without words such as "is correct" after the answer."""
    return _TRAIL.sub("", text) if len(text) <= _LONGEST_PHRASE else text


def explained(
    text: str, read: Read, names_another: Callable[[str, str], bool], read_clause: Read | None = None
) -> str | None:
    """Return the answer at the beginning of `text` whose rest explains it; None if the rest contradicts it.

    `read` reads a whole answer, and `read_clause` the clauses of an explanation, by default in the same way.
    `names_another(rest, answer)` says whether an aside names another answer.
    """
    separators = list(islice(_SEPARATOR.finditer(text), _MOST))
    for separator in reversed(separators):
        answer = read(text[: separator.start()])
        if answer is not None:
            rest = text[separator.end() :]
            aside = separator["aside"] is not None and names_another(rest, answer)
            return None if aside or _contradicts(rest, answer, read_clause or read) else answer
    return None


def changes_mind(rest: str) -> bool:
    """Return whether what follows an answer takes it back, or adds another one."""
    return _CHANGED_MIND.match(rest) is not None


def _contradicts(rest: str, answer: str, read: Read) -> bool:
    return changes_mind(rest) or any(
        read(clause) not in (None, answer) for clause in islice(_clauses(rest), _MOST)
    )


def _clauses(text: str) -> Iterator[str]:
    return (clause for clause in _CLAUSE_END.split(text, maxsplit=2 * _MOST) if clause.strip())
