"""Check of the envelope: the columns of an event other than its payload.

Names of runs and agents end up in paths, in SQL and on the screen. A log or a file from elsewhere may hold
anything, so every row is checked before it becomes an `Event`.
"""

import re
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
    "run": _RUN,
    "id": _ID,
    "kind": _KIND,
    "sender": _AGENT,
    # Earlier versions wrote an empty cause where they knew of none.
    "cause": rf"(?:{_ID})?",
    "recipients": rf"(?:{_AGENT}(?: {_AGENT})*)?",
}
_ALL_SIGNS = "'.', '_', '-' and '/'"
_SIGNS = {"run": "'.', '_' and '-'", "kind": "'.', '_', '-', ':' and '='"}
_NAMES = re.compile("\x1f".join(_RULES.values()))


def envelope_fault(row: tuple[Any, ...]) -> str | None:
    """Return the reason why a row cannot be an event of this program, or None if it can be one.

    `row` has the columns from seq to data in the table's order. The reason quotes values only in ASCII.
    """
    seq, run, version, id_, kind, schema, sender, recipients, cause, at, data = row[:11]
    try:
        names = "\x1f".join((run, id_, kind, sender, cause or "", recipients))
    except TypeError:
        return _fault_of_type(row)
    # The single match serves nearly every row; the columns are only told apart to name the wrong one.
    if not _NAMES.fullmatch(names) or len(names) > LONGEST:
        fault = _fault_of_name(run, id_, kind, sender, cause or "", recipients)
        if fault is not None:
            return fault
    for name, number, least, most in (
        ("seq", seq, 1, _MOST),
        ("version", version, 1, _MOST),
        ("schema", schema, 0, _SCHEMAS),
        ("at", at, 0, LATEST),
    ):
        if type(number) is not int or not least <= number <= most:
            return f"{name} = {quoted(number)} is no number from {least} to {most}"
    return None if type(data) is bytes else "its data are not bytes"


def check_name(rule: str, name: object) -> str:
    """Return `name` if it may stand in the column `rule`. Raise `ValueError` otherwise."""
    if not isinstance(name, str) or len(name) > LONGEST or not re.fullmatch(_RULES[rule], name):
        raise ValueError(_wrong_name(rule, name))
    return name


def quoted(value: object, most: int = 60) -> str:
    """Return a value from outside for a message: in ASCII, quoted and shortened."""
    text = ascii(value[:most] if isinstance(value, str | bytes) else value)
    return text if len(text) <= most else f"{text[:most]}..."


def _fault_of_name(*values: str) -> str | None:
    for rule, value in zip(_RULES, values, strict=True):
        longest = max(map(len, value.split(" "))) if rule == "recipients" else len(value)
        if longest > LONGEST or not re.fullmatch(_RULES[rule], value):
            return _wrong_name(rule, value)
    return None


def _fault_of_type(row: tuple[Any, ...]) -> str:
    _, run, _, id_, kind, _, sender, recipients, cause = row[:9]
    values = {"run": run, "id": id_, "kind": kind, "sender": sender, "recipients": recipients, "cause": cause}
    wrong = next(
        rule
        for rule, value in values.items()
        if not (isinstance(value, str) or (rule, value) == ("cause", None))
    )
    return _wrong_name(wrong, values[wrong])


def _wrong_name(rule: str, value: object) -> str:
    return (
        f"{rule} = {quoted(value)} is no name: at most {LONGEST} letters, digits and the characters "
        f"{_SIGNS.get(rule, _ALL_SIGNS)} are allowed"
    )
