"""Parsing of chat completions: strict about required fields, indifferent to all others."""

from typing import Any

from ..base import Finish, ModelReply, ModelRequest, ToolCall
from .errors import failure, status_failure
from .logprobs import rate_options

_FINISHES: dict[str | None, Finish] = {"length": "length"}


def parse_reply(body: bytes, request: ModelRequest | None = None) -> ModelReply:
    """Return the first choice of a chat completion, with the options of `request` rated if it has any.

    Raises `ModelError`: "content_filter" if a filter cut the answer, "malformed_reply" if the body is not
    JSON or lacks the text or token counts, and the cause of an error that came with status 200.
    """
    data = parse_json(body)
    choice = first(get(data, "choices"), "choices[0]")
    reason = get(choice, "finish_reason")
    if reason == "content_filter":
        raise failure("content_filter", "The provider's content filter cut or refused the answer.")
    if reason == "error":
        raise failure("server_error", "The endpoint broke off its answer with an error of its own.")
    calls = _tool_calls(get(choice, "message"))
    finish = "tool_calls" if calls else _FINISHES.get(reason, "stop")
    usage = get(data, "usage")
    prompt_tokens = token_count(usage, "prompt_tokens")
    return ModelReply(
        text=_text(get(choice, "message"), finish),
        finish=finish,
        prompt_tokens=prompt_tokens,
        completion_tokens=token_count(usage, "completion_tokens"),
        cached_tokens=cached_tokens(usage, prompt_tokens),
        option_logprobs=rate_options(choice.get("logprobs"), request) if request else None,
        tool_calls=calls,
    )


def _tool_calls(message: Any) -> tuple[ToolCall, ...]:
    listed = message.get("tool_calls") if isinstance(message, dict) else None
    calls = []
    for number, call in enumerate(listed or ()):
        function = get(call, "function")
        id_ = call.get("id") or f"call_{number}"
        calls.append(ToolCall(id=id_, name=get(function, "name"), arguments=get(function, "arguments")))
    return tuple(calls)


def parse_json(body: bytes) -> Any:
    """Return the body's value. Raises `ModelError` if it is not JSON, or an error despite status 200."""
    import orjson

    try:
        data = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise failure("malformed_reply", f"The reply is not JSON: {error}.") from error
    if isinstance(data, dict) and data.get("error"):
        raise status_failure(_status_of(data["error"]), body.decode("utf-8", "replace"))
    return data


def get(value: Any, key: str) -> Any:
    """Return the value of `key`. Raises `ModelError` if there is no such key."""
    if not isinstance(value, dict) or key not in value:
        raise failure("malformed_reply", f"The reply has no {key!r}.")
    return value[key]


def first(values: Any, name: str) -> Any:
    """Return the first item of a list. Raises `ModelError` if there is none."""
    if not isinstance(values, list) or not values:
        raise failure("malformed_reply", f"The reply has no {name}.")
    return values[0]


def token_count(usage: Any, key: str) -> int:
    """Return the number of tokens under `key`. Raises `ModelError` if it is anything else."""
    count = get(usage, key)
    if type(count) is not int or count < 0:
        raise failure("malformed_reply", f"The reply's {key!r} is {count!r}, not a count.")
    return count


def cached_tokens(usage: Any, prompt_tokens: int) -> int:
    """Return the number of prompt tokens found in a cache; 0 if the server does not report it."""
    details = usage.get("prompt_tokens_details")
    cached = details.get("cached_tokens") if isinstance(details, dict) else None
    return min(cached, prompt_tokens) if type(cached) is int and cached > 0 else 0


def _text(message: Any, finish: Finish) -> str:
    content = get(message, "content")
    if content is None:
        # A refusal is an answer. A reasoning model may use up all tokens before its answer begins.
        content = message.get("refusal") or ("" if finish in ("length", "tool_calls") else None)
    if not isinstance(content, str):
        raise failure("malformed_reply", f"The reply's text is {type(content).__name__}, not a string.")
    return content


def _status_of(error: Any) -> int:
    code = error.get("code") if isinstance(error, dict) else None
    return code if type(code) is int and 400 <= code < 600 else 500
