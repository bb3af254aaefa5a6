"""Read a judge's reply that consists of a score or a preference and of its reason.

The reply may repeat words of the judged response, which may claim a score of its own. So a reply is read only
if it begins with the judgement, as was demanded, or if nothing in it contradicts.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeVar

from .judgements import read_judgement
from .stated import spoken

Preference = Literal["a", "b", "tie"]
T = TypeVar("T")

_LONGEST_REASON = 300
_MARKS = r"[\s*_`\"'<>\[\](){}#-]{0,20}"
_REASON = re.compile(
    rf"(?:^|[,{{]){_MARKS}(?:reason|reasoning|explanation|rationale|justification){_MARKS}[:=]{_MARKS}",
    re.IGNORECASE | re.MULTILINE,
)
_SCORE = re.compile(r"\bscore\b", re.IGNORECASE)
_BETTER = re.compile(r"\bbetter\b", re.IGNORECASE)
_PREFERRED = re.compile(
    rf"better\b{_MARKS}(?:[:=]|\bis\b){_MARKS}(?:response\s)?{_MARKS}"
    r"(?P<tie>(?:an?\s)?(?:tie|draw)\b|tied\b|equal|both\b|neither\b)?(?P<one>[ab]\b(?!\s?(?:[/,]|or\b|and\b)\s?(?:[ab]|tie)\b))?",
    re.IGNORECASE,
)
_BARE = re.compile(
    rf"{_MARKS}(?:(?P<tie>tie|draw|equal|both|neither)|(?:response\s)?(?P<one>[ab]))\W*", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Scored:
    """A score on the judge's scale with its reason; "" if it gives none. None if no score can be read."""

    score: float | None
    reason: str


@dataclass(frozen=True, slots=True)
class Preferred:
    """The better one of two responses with the reason; None if no preference can be read."""

    better: Preference | None
    reason: str


def read_scored(reply: str, scale: tuple[int, int], *, cut: bool = False) -> Scored:
    """Read a reply of the form "Score: 4", "Reason: ...".

    The score must lie on `scale`, see `read_judgement`. `cut` says that the reply was cut off at its token
    limit. The reason is one line.
    """
    said = spoken(reply).strip()
    score = _read(said, _SCORE, lambda piece: read_judgement(piece, scale, cut=cut))
    return Scored(score, _reason(said, _SCORE))


def read_preferred(reply: str) -> Preferred:
    """Read a reply of the form "Better: A", "Reason: ..."; B or tie may stand for A."""
    said = spoken(reply).strip()
    return Preferred(_read(said, _BETTER, _preference), _reason(said, _BETTER))


def _read(said: str, label: re.Pattern[str], read: Callable[[str], T | None]) -> T | None:
    """Return the judgement in a reply whose judgements begin with `label`; None if there is a doubt."""
    starts = [found.start() for found in label.finditer(said)]
    if not starts:
        return read(said.partition("\n")[0])
    pieces = [said[start:end] for start, end in zip(starts, [*starts[1:], None], strict=True)]
    if _begins(said, label):
        return read(pieces[0])
    if _REASON.match(said) and _begins(said.rpartition("\n")[2], label):
        return read(pieces[-1])
    if not any(_begins(line, label) for line in said.splitlines()):
        return None  # Within a sentence it may be what the response claims.
    found = {value for piece in pieces if (value := read(piece)) is not None}
    return found.pop() if len(found) == 1 else None


def _begins(text: str, label: re.Pattern[str]) -> bool:
    """Return whether nothing but marks stands before the label."""
    found = label.search(text)
    return found is not None and re.fullmatch(_MARKS, text[: found.start()]) is not None


def _preference(piece: str) -> Preference | None:
    found = _PREFERRED.match(piece) or _BARE.fullmatch(piece)
    if found is None:
        return None
    if found["tie"]:
        return "tie"
    if not found["one"]:
        return None
    return "a" if found["one"].lower() == "a" else "b"


def _reason(said: str, label: re.Pattern[str]) -> str:
    """Return the reason on one line, without control characters, shortened."""
    labelled = _REASON.search(said)
    if labelled:
        text = said[labelled.end() :]
    elif _begins(said, label) or "\n" in said:
        text = said.partition("\n")[2]
    else:
        return ""
    lines = (line for line in text.splitlines() if not _begins(line, label))
    plain = " ".join("".join(c if c.isprintable() else " " for c in " ".join(lines)).split())
    plain = plain.rstrip("\"'}`* ")
    return plain if len(plain) <= _LONGEST_REASON else plain[: _LONGEST_REASON - 3].rstrip() + "..."
