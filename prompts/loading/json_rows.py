"""Rows from JSON Lines, or from a file that holds one JSON array of objects."""

import re
from collections.abc import Iterator
from json import JSONDecodeError, JSONDecoder
from pathlib import Path
from typing import Any

from ..errors import TaskError
from .decoding import TextFile

_MOST_DIGITS = 1000
"""Length of the longest integer that is read."""
_BLANK = re.compile(r"[ \t\r\n]*")


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f"the key {twice!r} occurs twice in one object; keep one of them")
    return found


def _integer(digits: str) -> int:
    if len(digits) > _MOST_DIGITS:
        raise ValueError(f"an integer of {len(digits)} digits is too long; write it as a string")
    return int(digits)


_DECODER = JSONDecoder(object_pairs_hook=_unique_keys, parse_int=_integer)


def parse_json(text: str) -> Any:
    """Return the value of JSON text. Raises `ValueError` if it is invalid, ambiguous or nested too deeply."""
    try:
        return _DECODER.decode(text)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def json_rows(path: Path, file: TextFile) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the place and the columns of each row. Raises `TaskError` naming the line of a faulty row."""
    filled = (line.strip() for line in file.lines() if line.strip())
    if next(filled, "").startswith("["):
        yield from _array(path, file.text())
        return
    # Only line ends separate rows: a string may hold other separators, such as U+2028.
    for number, line in enumerate(file.lines(), 1):
        if line.strip():
            yield f"{path}:{number}", _row(path, number, line)


def _row(path: Path, number: int, line: str) -> dict[str, Any]:
    try:
        row = parse_json(line)
    except JSONDecodeError as error:
        raise TaskError(f"{path}:{number}: not JSON ({error}).{_advice(line)}") from error
    except ValueError as error:
        raise TaskError(f"{path}:{number}: not usable as JSON: {error}.") from error
    return _object(path, number, row)


def _object(path: Path, number: int, row: Any) -> dict[str, Any]:
    if not isinstance(row, dict):
        raise TaskError(f"{path}:{number}: each line must be an object such as {{...}}.")
    return row


def _advice(line: str) -> str:
    line = line.strip()
    if line.endswith(","):
        return " Remove the comma at the end of the line."
    if line in {"{", "}"}:
        return " Write each row as an object on one line, or all rows as one array."
    return ""


def _array(path: Path, text: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the objects of an array, each with the line on which it begins."""
    position = _after_blanks(text, text.index("[") + 1)
    number, counted = 1, 0
    going = not text.startswith("]", position)
    while going:
        number, counted = number + text.count("\n", counted, position), position
        row, position = _element(path, text, position, number)
        yield f"{path}:{number}", _object(path, number, row)
        position = _after_blanks(text, position)
        going = text.startswith(",", position)
        if going:
            position = _after_blanks(text, position + 1)
        elif not text.startswith("]", position):
            line = text.count("\n", 0, position) + 1
            raise TaskError(f"{path}:{line}: not JSON (a comma or ] is missing after the object).")
    if text[position + 1 :].strip():
        line = text.count("\n", 0, position) + 1
        raise TaskError(f"{path}:{line}: not JSON (there is text after the array).")


def _element(path: Path, text: str, position: int, number: int) -> tuple[Any, int]:
    """Return the element that begins at `position`, and the position after it."""
    try:
        return _DECODER.raw_decode(text, position)
    except RecursionError:
        raise TaskError(f"{path}:{number}: not usable as JSON: it is nested too deeply.") from None
    except JSONDecodeError as error:
        raise TaskError(f"{path}:{error.lineno}: not JSON ({error.msg}).") from error
    except ValueError as error:
        raise TaskError(f"{path}:{number}: not usable as JSON: {error}.") from error


def _after_blanks(text: str, position: int) -> int:
    found = _BLANK.match(text, position)
    return found.end() if found else position
