"""Metrics "contains" and "not_contains": texts that must or must not stand in the answer."""

import re
from typing import Annotated, Literal

from pydantic import Field

from .feedback import listed, shown
from .grade import Grade
from .metric import Case, GoldOptions
from .text_options import TextOptions


class _Searched(TextOptions):
    case: bool = False
    """Whether upper and lower case differ."""
    words: bool = False
    """Whether only whole words count."""

    def found(self, text: str, values: tuple[str, ...]) -> list[str]:
        """Return those of `values` that stand in `text`."""
        text = text if self.case else text.casefold()
        return [value for value in values if self._stands(value if self.case else value.casefold(), text)]

    def _stands(self, value: str, text: str) -> bool:
        if not self.words:
            return value in text
        return re.search(rf"(?<!\w){re.escape(value)}(?!\w)", text) is not None


_Values = tuple[Annotated[str, Field(min_length=1)], ...]


class ContainsOptions(_Searched, GoldOptions):
    """Options of "contains"."""

    values: _Values = ()
    """Texts to look for; the right answers by default."""
    need: Literal["any", "all", "share"] = "any"
    """Whether one of them is enough, all must be there, or the value is the share that is."""

    @property
    def needs_gold(self) -> bool:
        """Return whether the right answers are the texts to look for."""
        return not self.values


class NotContainsOptions(_Searched):
    """Options of "not_contains"."""

    values: _Values = Field(min_length=1)
    """Texts that must not be there."""


def grade_contains(options: ContainsOptions, case: Case) -> Grade:
    """Return 1 if the wanted texts are there, or their share."""
    wanted = options.values or tuple(gold for gold in case.golds if gold)
    found = options.found(case.text, wanted)
    share = len(found) / len(wanted)
    value = {"any": float(bool(found)), "all": float(share == 1), "share": share}[options.need]
    if value == 1:
        return Grade(1.0)
    missing = listed(shown(one, 60) for one in wanted if one not in found)
    asked = "None of these is in it" if options.need == "any" else "Not in it"
    return Grade(value, f"{asked}: {missing}. The text: {shown(case.text)}.")


def grade_not_contains(options: NotContainsOptions, case: Case) -> Grade:
    """Return 1 if none of the texts is there, or else 0."""
    found = options.found(case.text, options.values)
    if not found:
        return Grade(1.0)
    return Grade(0.0, f"It contains what it must not: {listed(shown(one, 60) for one in found)}.")
