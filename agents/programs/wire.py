"""JSON to and from programs outside this process, which may send anything."""

import json
from typing import Any

LIMIT = 10 * 2**20
"""Most bytes of one reply or one line."""
_LONGEST_QUOTE = 300


def to_json(value: Any) -> bytes:
    """Return a value as one line of ASCII. Raise `ValueError` for a number that JSON does not have."""
    return json.dumps(value, allow_nan=False).encode("ascii")


def from_json(data: bytes) -> Any:
    """Return the value of JSON. Raise `ValueError` for anything else, NaN and lone surrogates included."""
    import orjson

    return orjson.loads(data)


def quoted(data: bytes) -> str:
    """Return the beginning of what was received, for an error, without control characters."""
    text = data[:_LONGEST_QUOTE].decode("utf-8", "replace").strip()
    return repr(text) if text else "nothing"
