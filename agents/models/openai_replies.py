"""Reading a chat completion."""

from typing import Any

from .base import Finish, ModelReply
from .openai_errors import failure

_FINISHES: dict[str | None, Finish] = {"length": "length", "content_filter": "content_filter"}


def parse_reply(body: bytes) -> ModelReply:
    """Return the first choice of a chat completion.

    Raises `ModelError` ("malformed_reply") where the body is no JSON or lacks text or token counts.
    """
    import orjson

    try:
        data = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise failure("malformed_reply", f"The reply is not JSON: {error}.") from error
    choice = _first(_get(data, "choices"), "choices[0]")
    content = _get(_get(choice, "message"), "content")
    finish = _FINISHES.get(_get(choice, "finish_reason"), "stop")
    # A filtered answer may come without any text.
    if content is None and finish == "content_filter":
        content = ""
    if not isinstance(content, str):
        raise failure("malformed_reply", f"The reply's text is {type(content).__name__}, not a string.")
    usage = _get(data, "usage")
    return ModelReply(
        text=content,
        finish=finish,
        prompt_tokens=_count(usage, "prompt_tokens"),
        completion_tokens=_count(usage, "completion_tokens"),
    )


def _get(value: Any, key: str) -> Any:
    if not isinstance(value, dict) or key not in value:
        raise failure("malformed_reply", f"The reply has no {key!r}.")
    return value[key]


def _first(values: Any, name: str) -> Any:
    if not isinstance(values, list) or not values:
        raise failure("malformed_reply", f"The reply has no {name}.")
    return values[0]


def _count(usage: Any, key: str) -> int:
    count = _get(usage, key)
    if not isinstance(count, int) or count < 0:
        raise failure("malformed_reply", f"The reply's {key!r} is {count!r}, not a count.")
    return count
