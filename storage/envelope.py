"""Check of the envelope: the columns of an event other than its payload.

Names of runs and agents end up in paths, in SQL and on the screen. A log or a file from elsewhere may hold
anything, so every row is checked before it becomes an `Event`.
"""

import re
from functools import lru_cache
from typing import Any

LONGEST = 200
"""Number of characters that a name may have."""
LATEST = 2**57
"""Largest time in microseconds since 1970, in the year 6536. Larger ones are no dates in every library."""
_MOST = 2**62
_SCHEMAS = 2**31 - 1  # PostgreSQL stores the schema as a 32-bit integer.
_RUN = r"\w[\w.-]*"
_KIND = r"[\w.:=-]+"  # ':' and '=' are allowed in the topics of AutoGen.
_AGENT = r"[\w-][\w.-]*(?:/[\w-][\w.-]*)*"
_ID = r"[\w./-]+"
_RULES = {
    "run": re.compile(_RUN),
    "kind": re.compile(_KIND),
    "sender": re.compile(_AGENT),
    "recipients": re.compile(rf"(?:{_AGENT}(?: {_AGENT})*)?"),
    "id": re.compile(_ID),
    # Earlier versions wrote an empty cause where they knew of none.
    "cause": re.compile(rf"(?:{_ID})?"),
}
_ALL_SIGNS = "'.', '_', '-' and '/'"
_SIGNS = {"run": "'.', '_' and '-'", "kind": "'.', '_', '-', ':' and '='"}


def envelope_fault(row: tuple[Any, ...]) -> str | None:
    """Return the reason why a row cannot be an event of this program, or None if it can be one.

    `row` has the columns from seq to data in the table's order. The reason quotes values only in ASCII.
    """
    seq, run, version, id_, kind, schema, sender, recipients, cause, at, data = row[:11]
    return (
        # Few combinations of these four occur in a log, and remembering them makes reading much faster.
        _fault_of_names(run, kind, sender, recipients)
        or (None if _is_plain(id_) else _fault_of_name("id", id_))
        or (None if cause is None or _is_plain(cause) else _fault_of_name("cause", cause))
        or _fault_of_number("seq", seq, 1, _MOST)
        or _fault_of_number("version", version, 1, _MOST)
        or _fault_of_number("schema", schema, 0, _SCHEMAS)
        or _fault_of_number("at", at, 0, LATEST)
        or (None if type(data) is bytes else "its data are not bytes")
    )


def _is_plain(value: object) -> bool:
    """Return True for a name of letters and digits, as nearly every id is: faster than the rules."""
    return type(value) is str and value.isalnum() and len(value) <= LONGEST


def check_name(column: str, name: object) -> str:
    """Return `name` if it may stand in a column of that name. Raise `ValueError` otherwise."""
    if fault := _fault_of_name(column, name):
        raise ValueError(fault)
    return str(name)


def quoted(value: object, most: int = 60) -> str:
    """Return a value from outside for a message: in ASCII, quoted and shortened."""
    text = ascii(value[:most] if isinstance(value, str | bytes) else value)
    return text if len(text) <= most else f"{text[:most]}..."


@lru_cache(4096)
def _fault_of_names(run: object, kind: object, sender: object, recipients: object) -> str | None:
    return (
        _fault_of_name("run", run)
        or _fault_of_name("kind", kind)
        or _fault_of_name("sender", sender)
        or _fault_of_name("recipients", recipients)
    )


def _fault_of_name(column: str, value: object) -> str | None:
    if type(value) is str and _RULES[column].fullmatch(value):
        names = value.split(" ") if column == "recipients" else (value,)
        if max(map(len, names)) <= LONGEST:
            return None
    return (
        f"{column} = {quoted(value)} is no name: at most {LONGEST} letters, digits and the characters "
        f"{_SIGNS.get(column, _ALL_SIGNS)} are allowed"
    )


def _fault_of_number(column: str, value: object, least: int, most: int) -> str | None:
    if type(value) is int and least <= value <= most:
        return None
    return f"{column} = {quoted(value)} is no number from {least} to {most}"
