"""Lines of an exported run, read from a file that anybody may have written.

Each line is a JSON object whose values are texts, whole numbers and nulls. Lines, the file and the depth of
payloads are bounded, so that no file can exhaust the memory or the stack.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from .envelope import envelope_fault, quoted
from .errors import BadFile
from .layout import COLUMNS

NAMES = tuple(COLUMNS.split(", "))
_LONGEST_LINE = 2**28
_LONGEST_FILE = 2**33
_FLAT = re.compile(rb'\s*\{(?:[^"\[\]{}]++|"(?:[^"\\]++|\\.)*+")*+\}\s*', re.DOTALL)
"""A JSON object without nested values. The possessive quantifiers keep the match linear."""
_PACKED = (b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd", b"PK\x03\x04")
"""First bytes of files that gzip, bzip2, xz, zstd and zip have written."""
_NUMBERS = frozenset({"seq", "version", "schema", "at"})


def read_objects(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the number and the object of each line.

    Raise `BadFile`, which names the line, if the file cannot be read, a line is too long or no flat object.
    """
    with _opened(path) as file:
        for number, line in enumerate(_lines(path, file), 1):
            yield number, _object(path, number, line)


def to_row(path: Path, number: int, line: dict[str, Any]) -> tuple[Any, ...]:
    """Return the row of the object in line `number`. Raise `BadFile`, which names the line."""
    if set(line) != set(NAMES):
        wrong = ", ".join(sorted(map(quoted, set(line) ^ set(NAMES)))[:8])
        raise _bad(path, number, f"missing or unknown fields: {wrong}")
    for name, value in line.items():
        known = type(value) is (int if name in _NUMBERS else str)
        if not known and not (name == "cause" and value is None):
            raise _bad(path, number, f"{name} = {quoted(value)} has the wrong type")
    try:
        row = tuple(_stored(name, line[name]) for name in NAMES)
    except ValueError as error:
        raise _bad(path, number, f"its data or its hash are invalid ({type(error).__name__})") from error
    if fault := envelope_fault(row) or _fault_of_payload(line["data"]):
        raise _bad(path, number, fault)
    return row


def _opened(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except FileNotFoundError:
        raise BadFile(f"There is no file {path}. `tp export RUN -o FILE` writes one.") from None
    except (OSError, ValueError) as error:
        raise BadFile(f"{quoted(str(path), 200)} cannot be read: {error}.") from error


def _lines(path: Path, file: BinaryIO) -> Iterator[bytes]:
    left, number = _LONGEST_FILE, 0
    while line := _next_line(path, file):
        number += 1
        left -= len(line)
        if number == 1 and line.startswith(_PACKED):
            raise BadFile(f"{path} is compressed. Unpack it, then import the file in it.")
        if len(line) > _LONGEST_LINE or left < 0:
            raise _bad(path, number, "the line or the file is too long for an exported run")
        yield line


def _next_line(path: Path, file: BinaryIO) -> bytes:
    try:
        return file.readline(_LONGEST_LINE + 1)
    except OSError as error:
        raise BadFile(f"{path} cannot be read: {error}.") from error


def _object(path: Path, number: int, line: bytes) -> dict[str, Any]:
    if not _FLAT.fullmatch(line):
        raise _bad(path, number, "not a JSON object of texts and numbers")
    try:
        found: dict[str, Any] = json.loads(line)
    except ValueError as error:
        raise _bad(path, number, f"not JSON ({quoted(str(error), 120)})") from error
    return found


def _fault_of_payload(data: str) -> str | None:
    """Return the reason why a payload can be no message; None if it can, or was redacted."""
    if not data:
        return None
    try:
        return None if isinstance(json.loads(data), dict) else "its data are no JSON object"
    except RecursionError:
        return "its data are nested too deeply"
    except ValueError:
        return "its data are not JSON"


def _stored(name: str, value: Any) -> Any:
    if name == "data":
        return value.encode()
    return bytes.fromhex(value) if name == "hash" else value


def _bad(path: Path, number: int, problem: str) -> BadFile:
    return BadFile(f"{path}:{number}: {problem}. Nothing was imported.")
