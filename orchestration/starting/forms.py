"""Forms that the answers in a column may have, the likeliest first."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from string import ascii_uppercase
from typing import Any

from .columns import Column

_MOST_LABELS = 50
_LONGEST_LABEL = 60  # characters
_FEW_NUMBERS = 11
"""Numbers with fewer different values are classes or grades."""
_SHORT = 8
"""Mean number of words up to which a text is an answer that has to be met exactly."""
_CHOICES = re.compile(r"choices|options|endings|candidates|alternatives", re.IGNORECASE)
_NUMBERED = re.compile(r"(?P<stem>choice|option|opt|ending|answer)[_ -]?(?:[a-j]|\d)", re.IGNORECASE)
_SEVERAL = re.compile(r"answers|golds|references|aliases|targets", re.IGNORECASE)
_MARK = "####"
LANGUAGES = {
    "ar", "bg", "cs", "da", "de", "el", "en", "es", "et", "fi", "fr", "hi", "hr", "hu", "id", "it",
    "ja", "ko", "lt", "lv", "nl", "no", "pl", "pt", "ro", "ru", "sk", "sl", "sv", "th", "tr", "uk",
    "vi", "zh",
}  # fmt: skip
"""Names of columns with texts in these languages."""
_FREE = {
    "summary",
    "translation",
    "response",
    "completion",
    "output",
    "ideal",
    "headline",
    "title",
    *LANGUAGES,
}
"""Names of columns with texts that can be written in many ways."""


@dataclass(frozen=True, slots=True)
class Form:
    """A form of answers, with all that follows from it."""

    answer: dict[str, Any]
    """Settings of the answers."""
    columns: dict[str, Any]
    """Field -> column of the answer and the choices."""
    prompt: str
    """A first prompt."""
    demand: str
    """What the prompt demands of the reply, unless the program does."""
    remark: str
    """What was guessed, and what to change if it is wrong."""
    metric: str = ""
    data: dict[str, Any] = field(default_factory=dict)
    parts: frozenset[str] = frozenset()
    """Fields of the answer, whose columns would give it away."""

    @property
    def used(self) -> set[str]:
        """Names of the columns at the top that the answer and the choices take."""
        paths = [path for one in self.columns.values() for path in ([one] if isinstance(one, str) else one)]
        return {part for path in paths for part in (path, path.split(".")[0])}


def forms_of(columns: Mapping[str, Column], name: str) -> Iterator[Form]:
    """Yield the forms that the answers in the column `name` may have, the likeliest first."""
    column = columns[name]
    if choices := _choices(columns, name):
        yield from _letters(name, choices)
    yield from _structured(column)
    if texts := column.texts:
        yield from _plain(column, texts)


def _letters(name: str, choices: dict[str, Any]) -> Iterator[Form]:
    for gold in (None, "index", "index1"):
        meaning = {} if gold is None else {"gold": gold}
        yield Form(
            {"type": "letter"} | meaning,
            {"answer": name} | choices,
            "Choose the right answer.",
            "Reply with its letter.",
            "Guessed: choices. `gold` says what the right answers are: letter, text, index or index1.",
        )


def _choices(columns: Mapping[str, Column], answer: str) -> dict[str, Any]:
    """Return the mapping of the choices of each row; {} if there are none."""
    for name, column in columns.items():
        if name == answer or not _CHOICES.fullmatch(name):
            continue
        if column.all_of(dict) and all("text" in cell and "label" in cell for cell in column.cells):
            return {"choices": f"{name}.text", "keys": f"{name}.label"}
        parsed = column.parsed()
        if all(isinstance(cell, list | tuple) and len(cell) > 1 for cell in parsed or column.cells):
            return {"choices": name}
    for count in range(len(ascii_uppercase), 1, -1):
        for letters in (ascii_uppercase, ascii_uppercase.lower()):
            if all(letter in columns and letter != answer for letter in letters[:count]):
                return {"choices": list(letters[:count])}
    numbered: dict[str, list[str]] = {}
    for name in columns:
        if found := _NUMBERED.fullmatch(name):
            numbered.setdefault(found["stem"], []).append(name)
    several = max(numbered.values(), key=len, default=[])
    return {"choices": several} if len(several) > 1 and answer not in several else {}


def _structured(column: Column) -> Iterator[Form]:
    """Yield the forms of cells that are objects or lists, or JSON text of these."""
    name, cells = column.name, column.parsed() or column.cells
    if all(isinstance(cell, dict) and isinstance(cell.get("text"), list) for cell in cells):
        yield _several(f"{name}.text")
    if all(isinstance(cell, dict) for cell in cells):
        keys = list(dict.fromkeys(key for cell in cells for key in cell))[:20]
        yield Form(
            {"type": "json"},
            {"answer": name},
            "Extract the fields.",
            f"Reply with JSON with the keys {', '.join(map(str, keys))}.",
            "Guessed: an object with fields, each compared by its own kind (docs/add-a-metric.md).",
            "json_fields",
            parts=frozenset(map(str, keys)),
        )
    if all(isinstance(cell, list | tuple) for cell in cells):
        items = [str(item) for cell in cells for item in cell]
        if column.parsed() is None and _SEVERAL.fullmatch(name):
            yield _several(name)
        yield _list(name, items, {})
        yield _several(name)


def _several(path: str) -> Form:
    return Form(
        {"type": "text"},
        {"answer": path},
        "Answer the question.",
        "Answer as briefly as possible.",
        'Guessed: several right answers, of which any counts. answer.type = "list" wants all of them.',
        "token_f1",
    )


def _list(name: str, items: Sequence[str], data: dict[str, Any]) -> Form:
    labels = sorted(set(items))
    closed = 2 <= len(labels) <= _MOST_LABELS and len(labels) * 2 <= len(items)
    indices = closed and all(label.isdecimal() for label in labels)
    return Form(
        {"type": "list"} | ({"labels": labels} if closed else {}),
        {"answer": name},
        f"Which {name} apply?",
        f"Reply with a list, separated by commas{', of: ' + ', '.join(labels) if closed else ''}.",
        "Guessed: lists of items in any order."
        + (
            ' If the numbers are indices, name the labels in their order and set gold = "index".'
            if indices
            else ""
        )
        + ("" if closed else " If only some items are allowed, name them: labels = [...]."),
        "set_f1",
        data,
    )


def _plain(column: Column, texts: Sequence[str]) -> Iterator[Form]:
    name, mapped = column.name, {"answer": column.name}
    if all(_MARK in text for text in texts):
        yield Form(
            {"type": "number", "after": _MARK, "marker": _MARK},
            mapped,
            "Solve the problem step by step.",
            f"End with {_MARK} and the number.",
            f"Guessed: the right number stands after {_MARK}, in the data (after) and in replies (marker).",
        )
    if split := _separator(texts):
        yield _list(name, [item.strip() for text in texts for item in text.split(split)], {"split": split})
    distinct = sorted(column.distinct)
    few = len(distinct) < _FEW_NUMBERS and len(texts) > 2 * len(distinct)
    # As a label 4.0 would have to be met to the letter, and a model writes 4.
    if column.is_number and (not few or any("." in text for text in distinct)):
        yield Form(
            {"type": "number"},
            mapped,
            "Work out the answer.",
            "Reply with the number alone.",
            'Guessed: numbers, compared by value. metric = { use = "number", tolerance = 0.01 } is milder.',
        )
    if 2 <= len(distinct) <= _MOST_LABELS and 2 * len(distinct) <= len(texts) and _are_short(distinct):
        yield Form(
            {"type": "label", "labels": distinct},
            mapped,
            f"Which {name} fits?",
            f"Reply with one of: {', '.join(distinct)}.",
            "Guessed: one of a few labels."
            + (' If the numbers are indices, name the labels in their order and set gold = "index".'
               if column.is_number else ""),
        )  # fmt: skip
    short = column.words <= _SHORT and name.rpartition(".")[2].casefold() not in _FREE
    exact = Form(
        {"type": "text"},
        mapped,
        "Answer the question.",
        "Answer as briefly as possible.",
        'Guessed: short answers, compared by their words. metric = "exact" demands the same text.',
        "token_f1",
    )
    free = Form(
        {"type": "raw"},
        mapped,
        f"Write the {name}.",
        "",
        'Guessed: free text. For translations use metric = "chrf", for what no text decides a judge.',
        "rouge_l",
    )
    yield from (exact, free) if short else (free, exact)


def _are_short(labels: Sequence[str]) -> bool:
    return all(len(label) <= _LONGEST_LABEL and "\n" not in label for label in labels)


def _separator(texts: Sequence[str]) -> str:
    """Return the sign that separates items which come again and again; "" if there is none."""
    for sign in (";", "|", ","):
        several = [text for text in texts if sign in text]
        items = [item.strip() for text in texts for item in text.split(sign) if item.strip()]
        if not several or not items or len(set(items)) * 2 > len(items) or len(set(items)) > _MOST_LABELS:
            continue
        if (
            _are_short(items)
            and max(len(item.split()) for item in items) <= 4
            and len(set(items)) < len(set(texts))
        ):
            return sign
    return ""
