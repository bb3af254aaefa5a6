"""Text as literals of Python and YAML, whatever it holds: no literal has a control or invisible character."""

import json
from typing import Any

from ..console.visible import visible

_LAST_OF_PLANE_0 = "\uffff"


def python_text(text: str) -> str:
    """Return a literal of Python that stands for `text`."""
    return repr(text) if is_plain(text) else ascii(text)


def python_value(value: Any) -> str:
    """Return an expression of Python that stands for a JSON value."""
    if isinstance(value, str):
        return python_text(value)
    if isinstance(value, dict):
        inner = ", ".join(f"{python_text(key)}: {python_value(item)}" for key, item in value.items())
        return f"{{{inner}}}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(python_value, value))}]"
    return repr(value)


def yaml_text(text: str) -> str:
    """Return a double-quoted scalar of YAML that stands for `text`."""
    if is_plain(text):
        return json.dumps(text, ensure_ascii=False)
    return f'"{"".join(map(_yaml_character, text))}"'


def _yaml_character(character: str) -> str:
    if character in '"\\':
        return f"\\{character}"
    if " " <= character <= "~":
        return character
    code = ord(character)
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def is_plain(text: str) -> bool:
    r"""Return whether each character but \n can be shown, and written as two bytes: see `visible.escape`."""
    return "\t" not in text and visible(text) == text and max(text, default="") <= _LAST_OF_PLANE_0
