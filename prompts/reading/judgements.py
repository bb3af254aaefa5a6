"""Reading a judge's score out of its reply. What cannot be read is no judgement: no number is made up."""

import re

_NUMBER = r"(\d+(?:\.\d+)?)(?:\s*(?:/|out of|of)\s*(\d+))?"
_MARKS = r"[\s*_`\"'<>\[\]]*"
_SCORE = re.compile(rf"\bscore{_MARKS}(?:[:=]|\bis\b){_MARKS}{_NUMBER}(?=(?P<rest>[^\n]*))", re.IGNORECASE)
_BARE = re.compile(rf"{_MARKS}{_NUMBER}(?P<rest>{_MARKS}\.?{_MARKS})")
_GOES_ON = re.compile(r"\s*(?:[-–—/+%,.]\s*\d|%|(?:to|or|and)\s+\d)", re.IGNORECASE)
"""What follows a number that is none by itself: a range, a list, a percentage."""


def read_judgement(reply: str, scale: tuple[int, int], *, cut: bool = False) -> float | None:
    """The score in a reply of the form "Score: 4", or of a number alone; None where none can be read.

    The last score counts. It must lie on `scale` (its worst and its best score), and "4/5" must mean the
    best score by the second number. With `cut`, the reply was cut off at its limit: a number at its very
    end may lack digits and is not read.
    """
    found = list(_SCORE.finditer(reply))
    score = found[-1] if found else _BARE.fullmatch(reply)
    if score is None or _GOES_ON.match(score["rest"]) or (cut and not reply[score.end(1) :]):
        return None
    value, best = float(score[1]), score[2]
    if best is not None and int(best) != scale[1]:
        return None
    return value if scale[0] <= value <= scale[1] else None
