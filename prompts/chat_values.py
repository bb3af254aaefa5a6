"""Columns that hold a chat: its turns, or the content of one turn with texts and images."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple, get_args

from pydantic import ValidationError

from .content_parts import Content, ContentPart, ImagePart, ImageUrl, TextPart, images_of

Role = Literal["system", "user", "assistant"]
_ROLES = get_args(Role)
_FORMS = (
    'Write a part as {"type": "text", "text": "..."} or as '
    '{"type": "image_url", "image_url": {"url": "https://..."}}.'
)
_PART_TYPES = frozenset({"text", "image_url", "image", "input_text", "input_image", "input_audio", "video"})
"""Types by which a part is recognised, also those that have to be written in another way."""


class Turn(NamedTuple):
    """One turn of a chat."""

    role: Role
    content: Content


def is_history(value: object) -> bool:
    """Return True if a column's value is a chat: a list of turns, each with a role and a content."""
    return (
        isinstance(value, list | tuple)
        and bool(value)
        and all(isinstance(turn, Mapping) and "role" in turn and "content" in turn for turn in value)
    )


def is_content(value: object) -> bool:
    """Return True if a column's value is one part of a turn's content, or a list with such parts."""
    if isinstance(value, Mapping):
        return _is_part(value)
    return isinstance(value, list | tuple) and any(isinstance(v, Mapping) and _is_part(v) for v in value)


def history_turns(value: object) -> list[Turn]:
    """Return the turns of a chat. Raises ValueError, which names the turn and the mend.

    A history holds turns of the system, the user and the assistant, and images only of the user.
    """
    if not is_history(value):
        raise ValueError('it is no chat. Write it as a list of {"role": "user", "content": "..."}.')
    assert isinstance(value, list | tuple)
    return [_turn(f"turn {number}", turn) for number, turn in enumerate(value, 1)]


def content_parts(value: object) -> tuple[ContentPart, ...]:
    """Return the parts of a turn's content: of a text, a part, or a list of both.

    Raises ValueError, which names the part and the mend.
    """
    if isinstance(value, str | Mapping):
        return (_part("it", value),)
    if not isinstance(value, list | tuple) or not value:
        raise ValueError(f"it is no content of a chat. {_FORMS}")
    return tuple(_part(f"part {number}", part) for number, part in enumerate(value, 1))


def _turn(place: str, turn: Mapping[str, Any]) -> Turn:
    role, content = turn["role"], turn["content"]
    if turn.get("tool_calls") or turn.get("function_call") or role in ("tool", "function"):
        raise ValueError(
            f"{place} belongs to the call of a tool, which a request of a task cannot hold. Leave the turn "
            "out, or write what it says into a turn of the assistant or the user."
        )
    if role not in _ROLES:
        raise ValueError(f"{place} has the role {_quoted(role)}. Known roles are {', '.join(_ROLES)}.")
    if isinstance(content, str):
        return Turn(role, content)
    try:
        parts = content_parts(content)
    except ValueError as error:
        raise ValueError(f"{place}: {error}") from error
    if role != "user" and images_of(parts):
        raise ValueError(f"{place}: only a user can show an image, and its role is {role}.")
    return Turn(role, parts)


def _is_part(part: Mapping[str, Any]) -> bool:
    return part.get("type") in _PART_TYPES if isinstance(part.get("type"), str) else "image_url" in part


def _part(place: str, part: object) -> ContentPart:
    try:
        match part:
            case str(text) | {"type": "text", "text": str(text)}:
                return TextPart(text=text)
            case {"image_url": str(url)}:
                return ImagePart(image_url=ImageUrl(url=url))
            case {"image_url": {"url": str(url)} as image}:
                return ImagePart(image_url=ImageUrl(url=url, detail=image.get("detail")))
    except ValidationError as error:
        raise ValueError(f"{place}: {_reason(error)}") from error
    raise ValueError(f"{place} is {_quoted(_kind(part))}, which is no part that can be sent. {_FORMS}")


def _reason(error: ValidationError) -> str:
    """Return the first reason without pydantic's own words, and without the value, which may be an image."""
    [first, *_] = error.errors(include_url=False, include_input=False)
    return first["msg"].removeprefix("Value error, ")


def _kind(part: object) -> str:
    if isinstance(part, Mapping):
        return str(part.get("type") or f"a table of {', '.join(map(str, list(part)[:5]))}")
    return "a list" if isinstance(part, Sequence) else type(part).__name__


def _quoted(value: object) -> str:
    return json.dumps(str(value)[:40])
