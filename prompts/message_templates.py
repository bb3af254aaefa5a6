"""Message templates: texts with placeholders such as "{{ question }}" or "{{ answers.text }}".

A template is filled in one pass, so what a column holds is never taken for a template. A placeholder is a
name that begins with a letter, in double braces: there are no expressions and no filters.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from .content_parts import ImagePart

_PLACEHOLDER = re.compile(r"\{\{([ \t]*[^\W\d][^{}\"'\n|]{0,200})\}\}")
_FILTERED = re.compile(r"\{\{[^{}\n]{1,200}\|[^{}\n]{0,200}\}\}|\{%[^{}\n]{0,200}%\}")

Part = str | ImagePart
"""A piece of a message: text or an image."""
T = TypeVar("T")


def placeholders(content: str) -> tuple[str, ...]:
    """Return the names of the placeholders in `content`, each once, in the order of their appearance."""
    return tuple(dict.fromkeys(found[1].strip() for found in _PLACEHOLDER.finditer(content)))


def only_placeholder(content: str) -> str | None:
    """Return the name of the placeholder that is all of `content`; None if it is anything else."""
    found = _PLACEHOLDER.fullmatch(content.strip())
    return found[1].strip() if found else None


def unsupported(content: str) -> str | None:
    """Return the first filter or statement of another template language in `content`; None without one."""
    found = _FILTERED.search(content)
    return found[0] if found else None


def filled(content: str, resolve: Callable[[str], Sequence[str | T]]) -> list[str | T]:
    """Return the pieces of `content` with its placeholders replaced; neighbouring texts are joined.

    `resolve` returns the pieces that a placeholder stands for, given its name: texts, and others such as
    images.
    """
    parts: list[str | T] = []
    at = 0
    for found in _PLACEHOLDER.finditer(content):
        parts += [content[at : found.start()], *resolve(found[1].strip())]
        at = found.end()
    return _joined([*parts, content[at:]])


def filled_text(content: str, resolve: Callable[[str], str]) -> str:
    """Return `content` with each placeholder replaced by the text that `resolve` returns for its name."""
    return "".join(str(part) for part in filled(content, lambda name: [resolve(name)]))


def value_text(value: Any) -> str:
    """Return the text of a column's value.

    A list of plain values has one line for each. Other lists and objects become JSON.
    """
    match value:
        case None:
            return ""
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case list() | tuple() if not any(isinstance(item, Mapping | list | tuple) for item in value):
            return "\n".join(map(value_text, value))
        case int() | float():
            return str(value)
        case _:
            return json.dumps(value, ensure_ascii=False)


def _joined(parts: Sequence[str | T]) -> list[str | T]:
    found: list[str | T] = []
    for part in parts:
        last = found[-1] if found else None
        if isinstance(part, str) and isinstance(last, str):
            found[-1] = last + part
        elif part:
            found.append(part)
    return found
