"""Items of a list in text: cut it at its separators, and match each piece with the labels of the task."""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from ..task import AnswerFormat, Example
from .label import read_label
from .wording import folded, loose, one_line, undressed

MOST = 1000
"""Highest number of items in a list."""
BULLET = re.compile(r"[ \t]{0,20}(?:[-–•*+·▪◦‣]|\(?\d{1,4}[.):]|\(?[a-z][.)])[ \t]{1,9}(?=\S)")
_LONGEST_ITEM = 200
_SEPARATORS = (";", "|", "、", ",", "，", "؛", "،")
_AND = re.compile(r"(?:and|&|und|et|y)\s+", re.IGNORECASE)
_JOINED = re.compile(r"\s+(?:and|&|\+)\s+|\s*/\s*", re.IGNORECASE)
_LAST_AND = re.compile(r"\s+(?:and|&)\s+", re.IGNORECASE)
_INLINE = re.compile(r"(?:^|\s+)(?:[•▪◦‣]|\(?\d{1,3}[.)])\s+(?=\S)")
"""Bullets and numbers of items in one line."""
_TITLE = re.compile(r"\s*[^\W\d][\w ]{0,40}:\s+(?=\S)")
_NUMBER = re.compile(r"\(?\d{1,3}[.)]\s+(?=\S)")
_FULL_STOP = re.compile(r"(?<=\w)(?:[;,]|(?<![^\w\s]\w)[.])\Z")
"""Final punctuation; the last point of an abbreviation such as U.S. is none."""
_UNCLEAR = re.compile(
    r"\b(?:not|no|or|neither|nor|never|maybe|perhaps|possibly|except|without|unless|instead)\b|n['’]t\b|\?",
    re.IGNORECASE,
)
_HEAD = re.compile(r"(\*\*|__|`)(?P<head>[^\n]{1,200}?)(?::\1|\1\s?(?:[:–—-]|$))")
"""Item of a list whose words stand out before an explanation of it: "**Sports**: it names a team"."""
_NONE = frozenset(
    """
    none|no|nothing|empty|n/a|na|[]|{}|()|-|–|—|∅|none of them|none of these|none of the above|none apply
    """.strip().split("|")
)
_NO_ITEMS = re.compile(
    r"(?:there\s(?:are|is)\s)?(?:no|none|not any|zero)"
    r"(?:\s(?:of\sthe|relevant|matching|applicable|suitable|such))?"
    r"\s(?:tags?|labels?|topics?|categor(?:y|ies)|items?|keywords?|answers?|emotions?|class(?:es)?|entit(?:y|ies))"
    r"(?:\s(?:apply|applies|fits?|match(?:es)?|found|here))?"
)


def pieces_of(text: str, labels: Sequence[str]) -> list[str]:
    """Return the pieces of one line of items: cut at its separators, the first kind that stands in it."""
    if len(marks := list(_INLINE.finditer(text))) > 1 and marks[0].start() == 0:
        return [piece for piece in _INLINE.split(text) if piece.strip()]
    if single := BULLET.match(text):
        text = text[single.end() :]
    for separator in _SEPARATORS:
        if separator in text:
            pieces = _without_title(_cut(text, separator, labels))
            return [*pieces[:-1], *_last(pieces[-1], labels)] if len(pieces) > 1 else pieces
    words = text.split()
    if len(words) > 1 and all(word.startswith("#") and len(word) > 1 for word in words):
        return words
    return [text]


def items_of(pieces: Iterable[str], form: AnswerFormat, example: Example) -> list[str] | None:
    """Return the items that the pieces name; None if one of them makes the whole unclear.

    With labels, each item is a label as the task writes it. A piece that is no label is left out, unless it
    denies or doubts something, names a label among other words, or is a whole sentence. If no piece is a
    label, there is no list.
    """
    found: list[str] = []
    dropped = False
    for piece in pieces:
        if not (words := undressed(piece.strip()).strip()):
            continue
        if len(words) > _LONGEST_ITEM:
            return None
        if not form.labels:
            found.append(_free(piece))
        elif names := _labels(words, form, example):
            found += names
        elif _spoils(words, form.labels):
            return None
        else:
            dropped = True
    return None if dropped and not found else found


def is_none(text: str) -> bool:
    """Return whether a text says that there are no items: "none", "[]", "no tags"."""
    words = one_line(text).casefold().strip(" .!*_`\"'")
    return words in _NONE or folded(text) in _NONE or _NO_ITEMS.fullmatch(words) is not None


def _without_title(pieces: list[str]) -> list[str]:
    """Return the pieces without words such as "Ingredients:" before the first one."""
    title = _TITLE.match(pieces[0])
    if title and len(pieces) > 1 and not any(":" in piece for piece in pieces[1:]):
        return [pieces[0][title.end() :], *pieces[1:]]
    return pieces


def _cut(text: str, separator: str, labels: Sequence[str]) -> list[str]:
    """Return `text` cut at each separator that is not within a label or within quotes."""
    inner = [label for label in labels if separator in label]
    pattern = "|".join(
        [
            *(re.escape(label) for label in sorted(inner, key=len, reverse=True)),
            r'"[^"\n]{1,200}"',
            r"“[^”\n]{1,200}”",
        ]
    )
    kept = re.compile(rf"(?<!\w)(?:{pattern})(?!\w)|{re.escape(separator)}", re.IGNORECASE)
    pieces: list[str] = []
    at = 0
    for found in kept.finditer(text):
        if found[0] == separator:
            pieces.append(text[at : found.start()])
            at = found.end()
    return [piece for piece in (*pieces, text[at:]) if piece.strip()] or [text]


def _last(piece: str, labels: Sequence[str]) -> list[str]:
    """Return the items of the last piece: "and c" is c, and "b and c" are two, unless they are a label."""
    piece = piece.strip()
    if lead := _AND.match(piece):
        return [piece[lead.end() :]]
    joined = _LAST_AND.split(piece)
    return joined if not labels and len(joined) == 2 else [piece]


def _labels(words: str, form: AnswerFormat, example: Example) -> list[str]:
    """Return the labels that a piece names; [] if it names none, or other words as well."""
    lead = _AND.match(words)
    for text in (words, words.removeprefix("#"), words[lead.end() :] if lead else "", _NUMBER.sub("", words)):
        if text and (label := read_label(text, form, example)) is not None:
            return [label]
    parts = [read_label(part, form, example) for part in _JOINED.split(words)]
    return [part for part in parts if part is not None] if len(parts) > 1 and None not in parts else []


def _spoils(words: str, labels: Sequence[str]) -> bool:
    return _UNCLEAR.search(words) is not None or _any_of(tuple(labels)).search(loose(words)) is not None


@lru_cache(maxsize=64)
def _any_of(labels: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{'|'.join(re.escape(loose(label)) for label in labels)})(?!\w)")


def _free(piece: str) -> str:
    """Return a free item without its dress, explanation, hash sign and full stop."""
    text = _NUMBER.sub("", piece.strip(), count=1)
    if head := _HEAD.match(text):
        text = head["head"]
    text = undressed(text)
    text = text.removeprefix("#") if re.match(r"#\w", text) else text
    return one_line(_FULL_STOP.sub("", text)) or one_line(piece)
