"""Read the score in a judge's reply. A reply that cannot be read is no judgement: no score is made up."""

import re

from .stated import spoken

_NUMBER = r"(\d+(?:\.\d+)?)(?:\s*(?:/|out of|of)\s*(\d+))?"
_MARKS = r"[\s*_`\"'<>\[\]]*"
_SCORE = re.compile(rf"\bscore{_MARKS}(?:[:=]|\bis\b){_MARKS}{_NUMBER}(?=(?P<rest>[^\n]*))", re.IGNORECASE)
_BARE = re.compile(rf"{_MARKS}{_NUMBER}(?P<rest>{_MARKS}\.?{_MARKS})")
_CONTINUED = re.compile(r"\s*(?:[-–—/+%,.]\s*\d|%|(?:to|or|and)\s+\d)", re.IGNORECASE)
"""Text after a number that shows the number to be part of a range, a list or a percentage."""


def read_judgement(reply: str, scale: tuple[int, int], *, cut: bool = False) -> float | None:
    """Return the score in a reply of the form "Score: 4", or of a number alone; None if there is none.

    The last score counts. It must lie on `scale` (its worst and best score), and the second number of "4/5"
    must be the best score. `cut` says that the reply was cut off at its token limit: a number at its very
    end may then lack digits and is not read. Reasoning is not read.
    """
    reply = spoken(reply)
    found = list(_SCORE.finditer(reply))
    score = found[-1] if found else _BARE.fullmatch(reply)
    if score is None or _CONTINUED.match(score["rest"]) or (cut and not reply[score.end(1) :]):
        return None
    value, best = float(score[1]), score[2]
    if best is not None and int(best) != scale[1]:
        return None
    return value if scale[0] <= value <= scale[1] else None
