"""JSON values as YAML on several lines, in which every text is quoted or stands in a block."""

import json
import re
from collections.abc import Iterator
from typing import Any

from .literals import is_plain, yaml_text

_KEY = re.compile(r"[A-Za-z_]\w*", re.ASCII)


def yaml_lines(value: dict[str, Any]) -> str:
    """Return a document of YAML that holds `value`."""
    return "".join(f"{line}\n" for line in _mapping(value))


def _mapping(value: dict[str, Any]) -> Iterator[str]:
    for key, item in value.items():
        yield from _entry(f"{key if _KEY.fullmatch(key) and _is_no_word(key) else yaml_text(key)}:", item)


def _entry(head: str, item: Any) -> Iterator[str]:
    """Yield the lines of a key or a dash with its value."""
    if isinstance(item, dict) and item:
        lines = list(_mapping(item))
        if head == "-":
            yield f"- {lines[0]}"
            lines = lines[1:]
        else:
            yield head
        yield from (f"  {line}" for line in lines)
    elif isinstance(item, list) and item:
        yield head
        yield from (f"  {line}" for one in item for line in _entry("-", one))
    elif isinstance(item, str) and "\n" in item and _fits_a_block(item):
        yield f"{head} |-"
        yield from (f"  {line}" for line in item.split("\n"))
    else:
        yield f"{head} {yaml_text(item) if isinstance(item, str) else _json(item)}"


def _json(item: Any) -> str:
    """Return JSON that YAML 1.1 reads, too: for it, 1e-09 without a point is a text."""
    text = json.dumps(item)
    return re.sub(r"^(-?\d+)e", r"\1.0e", text) if isinstance(item, float) else text


def _fits_a_block(text: str) -> bool:
    lines = text.split("\n")
    return is_plain(text) and not lines[0].startswith(" ") and bool(lines[0] and lines[-1].strip())


def _is_no_word(key: str) -> bool:
    """Return whether a key is not one of the words that stand for another value."""
    return key.lower() not in ("y", "n", "yes", "no", "on", "off", "true", "false", "null")
