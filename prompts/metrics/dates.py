"""Days of the calendar in answers, however they are written."""

import re
from datetime import date

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_YEAR_FIRST = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?:[t ].*)?")
_YEAR_LAST = re.compile(r"(\d{1,2})\s?([-/.])\s?(\d{1,2})\s?\2\s?(\d{4})(?:,? .*)?")
_NAMED = re.compile(
    r"(?:[a-z]{3,9}[.,]* )?(?:(?P<d1>\d{1,2})(?:st|nd|rd|th)?\.?[- ](?:of )?(?P<m1>[a-z]{3,9})\.?"
    r"|(?P<m2>[a-z]{3,9})\.? (?P<d2>\d{1,2})(?:st|nd|rd|th)?),?[- ](?P<year>\d{4})"
)
_LONGEST = 60


def date_in(text: str) -> date | None:
    """Return the day that `text` is, without its time; None if it is none or could be one of two.

    Read are 2024-05-03, 3.5.2024, 3 May 2024 and May 3, 2024, and with slashes what has one meaning only:
    5/13/2024 and 13/5/2024, not 5/3/2024.
    """
    text = " ".join(text[: _LONGEST + 1].split()).lower()
    if len(text) > _LONGEST:
        return None
    if found := _YEAR_FIRST.fullmatch(text):
        return _day(found[1], found[3], found[4])
    if found := _YEAR_LAST.fullmatch(text):
        return _year_last(found[1], found[3], found[4], dotted=found[2] == ".")
    if found := _NAMED.fullmatch(text):
        month = (found["m1"] or found["m2"])[:3]
        if month in _MONTHS:
            return _day(found["year"], str(_MONTHS.index(month) + 1), found["d1"] or found["d2"])
    return None


def _year_last(first: str, second: str, year: str, *, dotted: bool) -> date | None:
    day_first = _day(year, second, first)
    month_first = None if dotted else _day(year, first, second)
    if day_first and month_first and day_first != month_first:
        return None
    return day_first or month_first


def _day(year: str, month: str, day: str) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None
