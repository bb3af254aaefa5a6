"""Answers of type "list": several items in any order, each of them once."""

import json
import re
from itertools import takewhile
from typing import Any

from ..task import AnswerFormat, Example
from .items import BULLET, MOST, is_none, items_of, pieces_of
from .json_scan import found_in, tolerant
from .json_text import NotJson, canonical, strict
from .text import without_fence
from .wording import folded, undressed

_LONGEST = 20_000
"""Number of characters of a list that are read; a longer one is no list."""
_LONGEST_BARE = 500
_MOST_VALUES = 100
"""Highest number of JSON values, the last of a reply, that are looked at."""
_MOST_WORDS = 8
"""Highest number of words in a reply without separators that is a list of one free item."""
_NAMES = (
    r"(?:answers?|tags?|labels?|topics?|categor(?:y|ies)|class(?:es)?|keywords?|items?|list|emotions?|genres?|"
    r"entit(?:y|ies)|results?|output|predictions?|selection)"
)
_LEAD = (
    r"(?:here|are|is|my|the|so|thus|final|correct|relevant|matching|applicable|predicted|selected|suggested|"
    r"assigned)"
)
_HEADING = re.compile(
    rf"^[ \t*_`#>–•-]{{0,9}}(?:{_LEAD}[ ]){{0,4}}{_NAMES}(?:[ ](?:is|are))?[ \t*_`]{{0,6}}"
    r"(?:\([^()\n]{0,60}\))?[ \t*_`]{0,6}(?:[:=：＝][*_]{0,3}[ \t]{0,9}|(?=\n[ \t]{0,9}\S))",
    re.IGNORECASE | re.MULTILINE,
)
_PROSE = re.compile(
    rf"\b{_NAMES}(?:\s(?:that|which)\s(?:apply|applies|fits?|match))?\s(?:is|are)\s?:?\s", re.IGNORECASE
)
_SENTENCE = re.compile(r"[.!?][ \t]+(?=\w)")
_BROKEN_JSON = re.compile(r"\{|\[\s{0,99}[\"'{\[]")
_KEY = re.compile(_NAMES, re.IGNORECASE)


def read_list(text: str, form: AnswerFormat, example: Example) -> str | None:
    """Return the canonical form of the list that begins `text`; None if none does, or if it is unclear.

    It is a JSON array, lines with bullets or numbers, or one line with separators. "none", "[]" and the like
    are the empty list. What follows the list explains it and is not read. See `items_of` for labels.
    """
    return _first_list(text, form, example, one_line=False)


def find_list(text: str, form: AnswerFormat, example: Example) -> str | None:
    """Return the canonical form of the list that a reply gives; None if it gives none.

    The last list under a heading such as "Tags:" counts, then the last JSON value with items, the last lines
    with bullets, and at last the reply itself if it is short.
    """
    if headings := list(_HEADING.finditer(text)):
        after = text[headings[-1].end() :]
        return _first_list(after, form, example, one_line="\n" not in after[: -len(after.lstrip())])
    for found in reversed(found_in(text)[-_MOST_VALUES:]):
        if (answer := _of_json(found.value, form, example)) is not None:
            return answer
    if (bullets := _last_bullets(text, form)) is not None:
        return _of_pieces(bullets, form, example)
    if stated := list(_PROSE.finditer(text)):
        sentence = _SENTENCE.split(text[stated[-1].end() :], maxsplit=1)[0]
        return _first_list(sentence, form, example, one_line=True)
    text = without_fence(text.strip()).strip()
    if len(text) > _LONGEST_BARE or "\n\n" in text or _is_prose(text, form):
        return None
    return read_list(text, form, example)


def same_list(one: str, other: str) -> bool:
    """Return whether two canonical lists have the same items, whatever their case and punctuation."""
    return {folded(item) for item in list_items(one)} == {folded(item) for item in list_items(other)}


def list_items(answer: str) -> tuple[str, ...]:
    """Return the items of a canonical list."""
    return tuple(json.loads(answer))


def list_fault(text: str, form: AnswerFormat, example: Example) -> str | None:
    """Return in words which item of a right answer is no label; None if all are, or without labels."""
    if not form.labels:
        return None
    text = text.strip()
    pieces = _json_pieces(text)
    for piece in pieces if pieces is not None else pieces_of(text, form.labels):
        if read_list(canonical([piece]), form, example) is None and not is_none(text):
            return f"holds {piece.strip()!r}, which is not one of {', '.join(form.labels)}"
    return None


def is_bare_list(text: str, form: AnswerFormat) -> bool:
    """Return whether a text is exactly a list: a JSON array of texts, items between commas, or "none"."""
    if text.startswith("["):
        try:
            items = strict(text)
        except NotJson:
            return False
        return all(isinstance(item, str) for item in items) and _are_labels(items, form)
    return text.casefold() == "none" or _are_labels([item.strip() for item in text.split(",")], form)


def _are_labels(items: list[str], form: AnswerFormat) -> bool:
    labels = {label.casefold() for label in form.labels}
    return all(item.casefold() in labels if labels else bool(item) for item in items)


def _of_json(value: Any, form: AnswerFormat, example: Example) -> str | None:
    """Return the list that a JSON value is, or that an object holds under its only list or its usual name."""
    if isinstance(value, dict):
        named = [item for key, item in value.items() if _KEY.fullmatch(key.strip())]
        lists = named or [item for item in value.values() if isinstance(item, list)]
        if len(lists) != 1:
            return None
        if isinstance(lists[0], str):
            return read_list(lists[0], form, example)
        value = lists[0]
    if not isinstance(value, list) or not all(isinstance(item, str | int | float) for item in value):
        return None
    return _of_pieces(map(_in_words, value), form, example, written=True)


def _in_words(item: Any) -> str:
    return item if isinstance(item, str) else json.dumps(item)


def _json_pieces(text: str) -> list[str] | None:
    try:
        value = tolerant(text)
    except NotJson:
        return None
    return [_in_words(item) for item in value] if isinstance(value, list) else None


def _of_pieces(pieces: Any, form: AnswerFormat, example: Example, *, written: bool = False) -> str | None:
    """Return the canonical list of pieces. Free items that are `written` as JSON texts keep their dress."""
    pieces = list(pieces)
    if len(pieces) > MOST:
        return None
    if len(pieces) == 1 and not _is_label(pieces[0], form) and _says_none(pieces[0], written=written):
        return "[]"
    items = (
        [piece.strip() for piece in pieces]
        if written and not form.labels
        else items_of(pieces, form, example)
    )
    if items is None or (not items and not written):
        return None
    unique = {item if form.labels else folded(item): item for item in reversed(items) if item}
    return canonical(sorted(unique.values()))


def _says_none(piece: str, *, written: bool) -> bool:
    return piece.strip().casefold() == "none" if written else is_none(piece)


def _is_label(piece: str, form: AnswerFormat) -> bool:
    return folded(piece) in {folded(label) for label in form.labels}


def _first_list(text: str, form: AnswerFormat, example: Example, *, one_line: bool) -> str | None:
    """Return the list that begins `text`; with `one_line`, items without bullets stand in its first line."""
    text = without_fence(text.strip()).strip()
    if not text or len(text) > _LONGEST:
        return None
    if text[0] in "[{" and (values := found_in(text)) and values[0].start == 0:
        return _of_json(values[0].value, form, example)
    if _BROKEN_JSON.match(text):
        return None
    lines = [line for line in text.split("\n") if line.strip(" \t*_`")]
    if not lines:
        return None
    if BULLET.match(lines[0]):
        return _of_pieces(_bullets(lines, form), form, example)
    return _of_lines(lines, form, example, one_line=one_line)


def _of_lines(lines: list[str], form: AnswerFormat, example: Example, *, one_line: bool) -> str | None:
    """Return the list in the first line, and in the lines after it if each line is an item, or goes on."""
    first, at = undressed(lines[0]), 1
    while at < len(lines) and first.endswith((",", ";")):
        first, at = f"{first} {lines[at].strip()}", at + 1
    pieces = pieces_of(first, form.labels)
    further = list(takewhile(lambda line: not _ends(line), lines[at:]))
    if len(pieces) == 1 and further and not one_line and not is_none(first):
        return _of_pieces([first, *further], form, example)
    return _of_pieces(pieces, form, example)


def _ends(line: str) -> bool:
    """Return whether a line is a sentence or a heading rather than an item."""
    return line.rstrip().endswith((".", "!", ":", "?")) or ": " in line or len(line.split()) > _MOST_WORDS


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _bullets(lines: list[str], form: AnswerFormat) -> list[str]:
    """Return the items of the lines with bullets that begin `lines`, without the bullets.

    Lines that are indented further than the first bullet explain an item. A single line may hold several.
    """
    items = []
    for line in lines:
        if _indent(line) > _indent(lines[0]) + 1:
            continue
        if (bullet := BULLET.match(line)) is None:
            break
        items.append(line[bullet.end() :])
    return items if len(items) > 1 else pieces_of(lines[0], form.labels)


def _last_bullets(text: str, form: AnswerFormat) -> list[str] | None:
    """Return the items of the last lines with bullets in `text`; None if there are none."""
    lines = [line for line in text.split("\n") if line.strip()]
    end = next((at for at in range(len(lines), 0, -1) if BULLET.match(lines[at - 1])), 0)
    start = end
    while start and (BULLET.match(lines[start - 1]) or _indent(lines[start - 1]) > 1):
        start -= 1
    return _bullets(lines[start:end], form) if end else None


def _is_prose(text: str, form: AnswerFormat) -> bool:
    """Return whether a bare reply is a sentence rather than a list. With labels, the labels decide."""
    if form.labels or is_none(text):
        return False
    single = len(pieces_of(text, ())) == 1 and "\n" not in text
    return bool(_SENTENCE.search(text)) or (
        single and (len(text.split()) > _MOST_WORDS or text.endswith((".", "!", "?")))
    )
