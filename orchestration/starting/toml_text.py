"""Values as TOML."""

import re
from collections.abc import Mapping
from typing import Any

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}


def toml_key(key: str) -> str:
    """Return a key, in quotes if it needs them."""
    return key if _BARE.fullmatch(key) else toml_text(key)


def toml_text(text: str) -> str:
    """Return a string of one line."""
    return '"' + "".join(_ESCAPES.get(sign) or _sign(sign) for sign in text) + '"'


def toml_value(value: Any) -> str:
    """Return a value: a text, a number, a truth value, a list, or a table on one line."""
    match value:
        case str():
            return toml_text(value)
        case bool():
            return "true" if value else "false"
        case int() | float():
            return repr(value)
        case Mapping():
            inner = ", ".join(f"{toml_key(key)} = {toml_value(one)}" for key, one in value.items())
            return f"{{ {inner} }}" if inner else "{}"
        case list() | tuple():
            return f"[{', '.join(map(toml_value, value))}]"
        case _:
            raise TypeError(f"{type(value).__name__} is no value of TOML")


def comment(text: str) -> str:
    """Return text as comment lines, in which nothing can end the comment."""
    return "\n".join(f"# {_plain(line)}".rstrip() for line in text.splitlines() or [""])


def _sign(sign: str) -> str:
    return f"\\u{ord(sign):04x}" if sign < " " or sign == "\x7f" else sign


def _plain(line: str) -> str:
    return "".join(sign if sign >= " " and sign != "\x7f" else " " for sign in line)
