"""Meaning of the right answers in a column: an option itself, its letter, its index, or its key.

The meaning is declared as `answer.gold`, or the whole column decides. It never differs between rows.
"""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from string import ascii_uppercase

from ..errors import TaskError
from ..wording import match_option, option_key
from .answer_settings import GoldMeaning
from .drafts import Draft
from .fields import check_choices

MEANINGS: Mapping[GoldMeaning, str] = {
    "text": "the option itself",
    "letter": "the letter of an option",
    "index": "the index of an option, counted from 0",
    "index1": "the index of an option, counted from 1",
    "key": "the key of an option",
}
_LETTER = re.compile(r"\(?([A-Za-z])(?:[.):]*|[.):]+\s+(.+))", re.DOTALL)
_INTEGER = re.compile(r"([0-9]{1,3})(?:\.0+)?")
_SHORT = 100
"""Number of characters of an answer whose option is kept for the next row."""
_Resolved = tuple[int, ...] | None
"""Indices of the options that are right in a row; None if an answer is no option."""


def decide(drafts: Sequence[Draft], declared: GoldMeaning | None, keys: bool) -> GoldMeaning:
    """Return the meaning of the right answers of rows with choices: the only one that fits every row.

    Raises `TaskError` naming a row if no meaning fits, or if two fit and disagree.
    """
    if declared or keys:
        return declared or "key"
    tried: dict[GoldMeaning, list[_Resolved]] = {"letter": [], "text": [], "index": [], "index1": []}
    for draft in drafts:
        check_choices(draft.choices, draft.where)
        for meaning, resolved in tried.items():
            # An integer beside choices that are texts cannot be a choice, though it may be written alike.
            skipped = meaning == "text" and draft.typed
            resolved.append(None if skipped else indices(draft, draft.choices, meaning))
        if not any(resolved[-1] for resolved in tried.values()):
            raise _no_option(draft, draft.choices, "letter")
    fitting = {meaning: found for meaning, found in tried.items() if all(found)}
    if not fitting:
        _raise_mixed(drafts, tried)
    first, *others = fitting
    for other in others:
        _check_agreement(drafts, first, fitting[first], other, fitting[other])
    return first


def right_options(draft: Draft, options: Sequence[str], meaning: GoldMeaning) -> tuple[int, ...]:
    """Return the indices of the right options of a row. Raises `TaskError` if an answer names none."""
    found = indices(draft, options, meaning)
    if not found:
        raise _no_option(draft, options, meaning)
    return found


def indices(draft: Draft, options: Sequence[str], meaning: GoldMeaning) -> _Resolved:
    """Return the indices of the options that the answers of a row name; None if one names no option."""
    found = [_index(answer, draft, options, meaning) for answer in draft.answers]
    return tuple(dict.fromkeys(index for index in found if index is not None)) if None not in found else None


def _index(answer: str, draft: Draft, options: Sequence[str], meaning: GoldMeaning) -> int | None:
    if meaning == "text":
        return _matched(answer, tuple(options)) if len(answer) <= _SHORT else match_option(answer, options)
    if meaning == "key":
        same = [n for n, key in enumerate(draft.keys) if option_key(key) == option_key(answer)]
        return same[0] if len(same) == 1 else None
    if meaning == "letter":
        return _letter(answer, options)
    number = {"false": "0", "true": "1"}.get(answer, answer)
    found = _INTEGER.fullmatch(number)
    index = int(found[1]) - (meaning == "index1") if found else -1
    return index if 0 <= index < len(options) else None


@lru_cache(maxsize=1024)
def _matched(answer: str, options: tuple[str, ...]) -> int | None:
    return match_option(answer, options)


def _letter(answer: str, options: Sequence[str]) -> int | None:
    """Return the index that "B", "(b)" or "B. the second option" names."""
    found = _LETTER.fullmatch(answer)
    if not found:
        return None
    index = ascii_uppercase.index(found[1].upper())
    if index >= len(options) or (found[2] and option_key(found[2]) != option_key(options[index])):
        return None
    return index


def _no_option(draft: Draft, options: Sequence[str], meaning: GoldMeaning) -> TaskError:
    wrong = next(a for a in draft.answers if _index(a, draft, options, meaning) is None)
    allowed: Sequence[str] = options
    if meaning == "letter":
        allowed = ascii_uppercase[: len(options)]
    elif meaning == "key":
        allowed = draft.keys
    elif meaning != "text":
        first = int(meaning == "index1")
        allowed = [str(n) for n in range(first, first + len(options))]
    numbers = meaning == "text" and all(_INTEGER.fullmatch(answer) for answer in draft.answers)
    advice = (
        f' If it is an index, set answer.gold = "index" (0 is {options[0]}) or "index1" (1 is {options[0]}).'
        if numbers
        else ""
    )
    return TaskError(
        f"{draft.where}: the answer {wrong!r} is not one of {', '.join(allowed)}. Correct the row or the "
        f"task.{advice}"
    )


def _raise_mixed(drafts: Sequence[Draft], tried: Mapping[GoldMeaning, Sequence[_Resolved]]) -> None:
    """Raise the error for a column in which each meaning fits some rows and none fits all."""
    best = max(tried, key=lambda meaning: sum(map(bool, tried[meaning])))
    odd = next(n for n, found in enumerate(tried[best]) if not found)
    good = next(n for n, found in enumerate(tried[best]) if found)
    raise TaskError(
        f"{drafts[odd].where}: the answer {drafts[odd].answers[0]!r} is not {MEANINGS[best]}, as "
        f"{drafts[good].answers[0]!r} is ({drafts[good].where}). Write all answers of the column alike."
    )


def _check_agreement(
    drafts: Sequence[Draft],
    one: GoldMeaning,
    by_one: Sequence[_Resolved],
    other: GoldMeaning,
    by_other: Sequence[_Resolved],
) -> None:
    for draft, first, second in zip(drafts, by_one, by_other, strict=True):
        if first != second and first and second:
            raise TaskError(
                f"{draft.where}: the answer {draft.answers[0]!r} may be {MEANINGS[one]} "
                f"({draft.choices[first[0]]!r}) or {MEANINGS[other]} ({draft.choices[second[0]]!r}). Say "
                f'which: answer.gold = "{one}" or "{other}".'
            )
