"""Values of columns that are messages: chat histories, and messages of several parts such as images."""

from collections.abc import Sequence
from typing import Any

from .message_templates import Part


def history_turns(value: Any) -> list[tuple[str, Sequence[Part]]] | None:
    """Return role and parts of each turn of a chat history; None if `value` is none."""
    if not isinstance(value, list) or not value:
        return None
    if not all(isinstance(turn, dict) and set(turn) == {"role", "content"} for turn in value):
        return None
    return [(turn["role"], content_parts(turn["content"]) or [str(turn["content"])]) for turn in value]


def content_parts(value: Any) -> list[Part] | None:
    """Return the parts of a message of several parts; None if `value` is none."""
    if not isinstance(value, list) or not value:
        return None
    if not all(isinstance(part, dict) and part.get("type") in ("text", "image_url") for part in value):
        return None
    return [part["text"] if part["type"] == "text" else part for part in value]
