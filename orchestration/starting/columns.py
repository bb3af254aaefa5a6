"""Look at the columns of a file: what each of them holds."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from ...prompts.chat_values import is_content, is_history
from ...prompts.loading.json_rows import parse_json

_IDENTIFIER = re.compile(
    r"(?:.*[_ -])?(?:id|idx|index|uuid|guid|key|nr|no|ind)|unnamed.*|source_?id|", re.IGNORECASE
)
_IDENTIFIER_IN_CAMELS = re.compile(r".*[a-z](?:ID|Id)")
_NUMBER = re.compile(r"[-+]?[$€£]?\d[\d,. ]*%?|[-+]?\d*\.?\d+(?:[eE][-+]?\d+)?")
_MOST_ITEMS = 200


@dataclass
class Column:
    """The cells of one column."""

    name: str
    rows: list[Any] = field(default_factory=list)
    """The cell of each row; None if it is missing or null."""

    @cached_property
    def cells(self) -> list[Any]:
        """Cells that hold something."""
        return [
            cell
            for cell in self.rows
            if cell is not None and not (isinstance(cell, str) and not cell.strip())
        ]

    @property
    def texts(self) -> list[str]:
        """The cells as texts, if all are plain; otherwise []."""
        if not self.cells or not all(isinstance(cell, str | int | float) for cell in self.cells):
            return []
        return [_plain(cell) for cell in self.cells]

    @property
    def distinct(self) -> set[str]:
        """Different texts."""
        return set(self.texts)

    @property
    def is_number(self) -> bool:
        """True if all cells are numbers, and not truth values."""
        if any(isinstance(cell, bool) for cell in self.cells):
            return False
        return bool(self.texts) and all(_NUMBER.fullmatch(text) for text in self.texts)

    @property
    def is_identifier(self) -> bool:
        """True if the cells only tell the rows apart."""
        named = _IDENTIFIER.fullmatch(self.name) or _IDENTIFIER_IN_CAMELS.fullmatch(self.name)
        return named is not None and bool(self.texts) and len(self.distinct) == len(self.texts)

    @property
    def is_history(self) -> bool:
        """True if the cells are chat histories."""
        return bool(self.cells) and all(is_history(cell) for cell in self.cells)

    @property
    def is_shown(self) -> bool:
        """True if the cells can stand in a message."""
        parts = all(is_content(cell) or is_history(cell) for cell in self.cells)
        plain = all(_is_plain(cell) for cell in self.cells)
        return bool(self.cells) and (parts or plain)

    @property
    def words(self) -> float:
        """Mean number of words."""
        return sum(len(text.split()) for text in self.texts) / max(1, len(self.texts))

    def all_of(self, *kinds: type) -> bool:
        """Return whether all cells are of one of these types."""
        return bool(self.cells) and all(isinstance(cell, kinds) for cell in self.cells)

    def parsed(self) -> list[Any] | None:
        """Return the values of cells that are JSON objects or lists as text; None if one is not."""
        if not self.all_of(str) or not all(cell.strip()[:1] in ("{", "[") for cell in self.cells):
            return None
        try:
            return [parse_json(cell) for cell in self.cells]
        except ValueError:
            return None


def columns_of(rows: Sequence[Mapping[str, Any]]) -> dict[str, Column]:
    """Return the columns of rows by name, in the order in which they appear."""
    found: dict[str, Column] = {}
    for row in rows:
        for name in row:
            found.setdefault(str(name), Column(str(name)))
    for name, column in found.items():
        column.rows += [row.get(name) for row in rows]
    return found


def opened(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row with the parts of its objects as columns of their own, such as "translation.en"."""
    return {
        name: part
        for column, cell in row.items()
        for name, part in (
            {f"{column}.{key}": part for key, part in cell.items()}
            if isinstance(cell, dict)
            else {column: cell}
        ).items()
    }


def tells(column: Column, answer: Column) -> bool:
    """Return whether a column gives the answers away: it holds them, or stands for them."""
    pairs = [
        (cell, gold) for cell, gold in zip(column.rows, answer.rows, strict=True) if cell and gold is not None
    ]
    if sum(_holds(cell, gold) for cell, gold in pairs) * 2 > len(pairs):
        return True
    if not column.texts or not answer.texts or not 2 <= len(column.distinct) <= len(pairs) / 2:
        return False
    joint = {(_plain(cell), _plain(gold)) for cell, gold in pairs}
    return len(joint) == len(column.distinct) == len(answer.distinct)


def _holds(cell: Any, gold: Any) -> bool:
    return cell == gold or (isinstance(cell, list | tuple) and gold in cell)


def _plain(cell: str | int | float) -> str:
    if isinstance(cell, bool):
        return "true" if cell else "false"
    return str(cell).strip()


def _is_plain(cell: Any) -> bool:
    if isinstance(cell, list | tuple):
        return len(cell) < _MOST_ITEMS and all(isinstance(item, str | int | float) for item in cell)
    return isinstance(cell, str | int | float) or hasattr(cell, "isoformat")
