"""Answers that a task marks: by the text before them, such as "####", or by a regular expression."""

import re
from functools import lru_cache
from itertools import islice

from ..task import AnswerFormat, AnswerType
from .patterns import last_match

_LONGEST_MARKER = 200
_MOST = 10_000
"""Highest number of occurrences of a marker that are looked at."""
_WHOLE = frozenset(("list", "json", "raw"))
"""Types of answers that go on to the end of the reply; others end with their line."""
_GAP = r"[\s*_`~]{0,9}"
"""Blanks and markdown that may stand between the words of a marker."""
_CLOSING = re.compile(r"[ \t]{0,9}[*_`~]{1,3}(?=\s|\Z)")
"""End of the markdown around a marker: "**Final answer:** 21"."""


def check_marker(marker: str) -> None:
    """Raise ValueError with the mend if `marker` cannot be found in a reply."""
    if not marker.strip() or len(marker) > _LONGEST_MARKER:
        raise ValueError(
            f"the marker {marker[:40]!r} must have 1 to {_LONGEST_MARKER} characters that are not blank. "
            'Write what stands before the answer in a reply: marker = "####"'
        )


def marked(text: str, form: AnswerFormat) -> str | None:
    """Return what the marker or the pattern of `form` marks in `text`; None if nothing is marked."""
    if form.pattern:
        return last_match(form.pattern, text)
    return after_marker(text, form.marker, form.type) if form.marker else None


def after_marker(text: str, marker: str, type_: AnswerType) -> str | None:
    """Return what stands after the last occurrence of `marker`; None if nothing does.

    Case, blanks and markdown in the marker do not matter. An answer ends with its line, but a list, JSON and
    the whole of a reply go on to the end. An answer may begin in the line after the marker.
    """
    ends = [found.end() for found in islice(_pattern(marker).finditer(text), _MOST)]
    for end in reversed(ends):
        closing = _CLOSING.match(text, end)
        if rest := text[closing.end() if closing else end :].strip():
            return rest if type_ in _WHOLE else rest.split("\n", 1)[0]
    return None


@lru_cache(maxsize=64)
def _pattern(marker: str) -> re.Pattern[str]:
    parts = re.findall(r"\w+|[^\w\s]+", marker)
    words = _GAP.join(map(re.escape, parts))
    before = r"(?<!\w)" if parts[0][0].isalnum() else ""
    after = r"(?!\w)" if parts[-1][-1].isalnum() else ""
    return re.compile(f"{before}{words}{after}", re.IGNORECASE)
