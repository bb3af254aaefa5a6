"""Reading a chat completion: strict about what must be there, indifferent to all else."""

from typing import Any

from ..base import Finish, ModelReply, ModelRequest, ToolCall
from .errors import failure, status_failure
from .logprobs import rate_options

_FINISHES: dict[str | None, Finish] = {"length": "length"}


def parse_reply(body: bytes, request: ModelRequest | None = None) -> ModelReply:
    """Return the first choice of a chat completion, with the options of `request` rated where it has any.

    Raises `ModelError`: "content_filter" where a filter cut the answer, "malformed_reply" where the body is
    no JSON or lacks text or token counts, and what an error that came with status 200 says.
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
    prompt_tokens = counted(usage, "prompt_tokens")
    return ModelReply(
        text=_text(get(choice, "message"), finish),
        finish=finish,
        prompt_tokens=prompt_tokens,
        completion_tokens=counted(usage, "completion_tokens"),
        cached_tokens=cached_of(usage, prompt_tokens),
        option_logprobs=rate_options(choice.get("logprobs"), request) if request else None,
        tool_calls=calls,
    )


def _tool_calls(message: Any) -> tuple[ToolCall, ...]:
    asked = message.get("tool_calls") if isinstance(message, dict) else None
    found = []
    for number, call in enumerate(asked or ()):
        function = get(call, "function")
        id_ = call.get("id") or f"call_{number}"
        found.append(ToolCall(id=id_, name=get(function, "name"), arguments=get(function, "arguments")))
    return tuple(found)


def parse_json(body: bytes) -> Any:
    """Return the body's value. Raises `ModelError` where it is no JSON, or an error despite its 200."""
    import orjson

    try:
        data = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise failure("malformed_reply", f"The reply is not JSON: {error}.") from error
    if isinstance(data, dict) and data.get("error"):
        raise status_failure(_status_of(data["error"]), body.decode("utf-8", "replace"))
    return data


def get(value: Any, key: str) -> Any:
    """Return what stands under `key`. Raises `ModelError` where there is no such key."""
    if not isinstance(value, dict) or key not in value:
        raise failure("malformed_reply", f"The reply has no {key!r}.")
    return value[key]


def first(values: Any, name: str) -> Any:
    """Return the first of a list. Raises `ModelError` where there is none."""
    if not isinstance(values, list) or not values:
        raise failure("malformed_reply", f"The reply has no {name}.")
    return values[0]


def counted(usage: Any, key: str) -> int:
    """Return a count of tokens. Raises `ModelError` for anything else."""
    count = get(usage, key)
    if type(count) is not int or count < 0:
        raise failure("malformed_reply", f"The reply's {key!r} is {count!r}, not a count.")
    return count


def cached_of(usage: Any, prompt_tokens: int) -> int:
    """Return how many of the prompt's tokens came from a cache; 0 where the server does not tell."""
    details = usage.get("prompt_tokens_details")
    cached = details.get("cached_tokens") if isinstance(details, dict) else None
    return min(cached, prompt_tokens) if type(cached) is int and cached > 0 else 0


def _text(message: Any, finish: Finish) -> str:
    content = get(message, "content")
    if content is None:
        # A refusal is what the model said. One that thinks may spend all its tokens before it says anything.
        content = message.get("refusal") or ("" if finish in ("length", "tool_calls") else None)
    if not isinstance(content, str):
        raise failure("malformed_reply", f"The reply's text is {type(content).__name__}, not a string.")
    return content


def _status_of(error: Any) -> int:
    code = error.get("code") if isinstance(error, dict) else None
    return code if type(code) is int and 400 <= code < 600 else 500
