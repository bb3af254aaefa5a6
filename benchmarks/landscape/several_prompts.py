"""The format of a meta-prompt that demands several prompts at a time, as JSON lists of chat messages."""

import ast
import json
import re
from collections.abc import Sequence

from .words import REFUSAL

_DEMANDED = re.compile(r"\bGenerate (?:EXACTLY )?\[?(\d+)\]?")
_AS_JSON = '"prompts": ['
_MOST = 10
"""Greatest number of prompts that are written at a time."""
_MESSAGES = re.compile(r"\[\{'role': .*?\}\]", re.DOTALL)
_USER = re.compile(r"^\s*\[USER\]: (.+)$", re.MULTILINE)


def demanded_prompts(text: str) -> int:
    """Return how many prompts a meta-prompt demands in this format; 0 if it demands another one."""
    found = _DEMANDED.search(text) if _AS_JSON in text else None
    return min(int(found[1]), _MOST) if found else 0


def as_messages(text: str, prompts: Sequence[str | None]) -> str:
    """Return the prompts, or refusals, as the system messages of chats whose other message stays the same."""
    user = _user_message(text)
    chats = [[{"role": "system", "content": prompt or REFUSAL}, *user] for prompt in prompts]
    return json.dumps(
        {"prompts": [{"prompt": chat, "improvement_focus": "rules", "reasoning": ""} for chat in chats]}
    )


def system_message(text: str) -> str:
    """Return the system message if a prompt is shown as a list of chat messages, else the text."""
    found = [one["content"] for one in _chat(text) if one.get("role") == "system"]
    return str(found[0]) if found else text


def _user_message(text: str) -> list[dict[str, str]]:
    if found := [one for one in _chat(text) if one.get("role") == "user"]:
        return found[:1]
    said = _USER.search(text)
    return [{"role": "user", "content": said[1]}] if said else []


def _chat(text: str) -> list[dict[str, str]]:
    """Return the first chat that is shown as Python would print it."""
    if shown := _MESSAGES.search(text):
        try:
            return list(ast.literal_eval(shown[0]))
        except (ValueError, SyntaxError):
            return []
    return []
