"""Metric "regex": a pattern that must be found, or must not."""

from functools import lru_cache
from typing import Any, Literal

import regex
from pydantic import field_validator

from ..errors import MetricError
from .feedback import shown
from .grade import Grade
from .metric import Case
from .text_options import TextOptions

LONGEST = 20_000
"""Number of characters of a text that is searched. Sound patterns can take time with its square."""
SECONDS = 5.0
"""Processor time after which a search is given up. A sound pattern needs milliseconds."""


class RegexOptions(TextOptions):
    """Options of "regex"."""

    pattern: str
    """Regular expression in the syntax of Python's `re`."""
    match: Literal["search", "full"] = "search"
    """Whether the pattern may stand anywhere, or must be the whole text."""
    case: bool = True
    """Whether upper and lower case differ."""
    absent: bool = False
    """Whether the pattern must not be found."""

    @field_validator("pattern")
    @classmethod
    def _is_a_pattern(cls, pattern: str) -> str:
        try:
            regex.compile(pattern)
        except regex.error as error:
            raise ValueError(f"it is no regular expression: {error}") from error
        return pattern


def grade_regex(options: RegexOptions, case: Case) -> Grade:
    """Return 1 if the pattern is found as wanted, or else 0.

    Raise `MetricError` if the search takes too long: whether the text matches is then unknown.
    """
    compiled = _compiled(options.pattern, options.case)
    search = compiled.search if options.match == "search" else compiled.fullmatch
    try:
        found = search(case.text[:LONGEST], timeout=SECONDS)
    except TimeoutError as error:
        raise MetricError(
            f"example {case.example.id}: the pattern {shown(options.pattern, 60)} needs more than "
            f"{SECONDS:g} s for one output. Rewrite it without repetitions inside repetitions."
        ) from error
    if (found is None) == options.absent:
        return Grade(1.0)
    if found is not None:
        return Grade(0.0, f"It must not match {shown(options.pattern)}, but {shown(found[0], 60)} does.")
    where = "as a whole" if options.match == "full" else "anywhere"
    return Grade(
        0.0, f"It does not match the pattern {shown(options.pattern)} {where}. The text: {shown(case.text)}."
    )


@lru_cache(maxsize=64)
def _compiled(pattern: str, case: bool) -> Any:
    return regex.compile(pattern, flags=0 if case else regex.IGNORECASE)
