"""Parsing of chat completions: whatever is usable is used, in the dialects of many servers."""

import json
from collections.abc import Callable
from typing import Any

from ..base import Finish, ModelReply, ModelRequest, ToolCall
from .errors import failure, status_failure
from .json_bodies import parse_json
from .logprobs import rate_options
from .server_words import has_message
from .usage import count_of, read_usage

_FINISHES: dict[str, Finish] = {
    "length": "length",
    "max_tokens": "length",
    "max_output_tokens": "length",
    "max_length": "length",
    "model_length": "length",
    "model_context_window_exceeded": "length",
}
_FILTERED = frozenset(
    {"content_filter", "content_filtered", "safety", "recitation", "blocklist", "prohibited_content", "spii"}
)
_BROKEN_OFF = frozenset({"error", "abort", "insufficient_system_resource"})
_REASONING = ("reasoning_content", "reasoning")


class EstimatedReply(ModelReply):
    """A reply whose server reported no usable token counts. They are estimated."""


def parse_reply(
    body: bytes, request: ModelRequest | None = None, hide: Callable[[str], str] = str
) -> ModelReply:
    """Return the first usable choice of a chat completion, with the options of `request` rated if it has any.

    Without usable token counts, the reply is an `EstimatedReply`. Raises `ModelError`: "content_filter" if a
    filter cut the answer, "malformed_reply" if the body is not JSON or has no text, and the cause of an error
    that came with status 200. `hide` blanks the key in the server's words.
    """
    data = parse_json(body, hide)
    choice = _usable(get(data, "choices"), hide)
    message = _message_of(choice)
    calls = _tool_calls(message)
    finish = _finish_of(choice, calls)
    text = _text(message, finish)
    written = len(text.encode()) + _bytes_besides(message, calls)
    usage = read_usage(data, request, written, finish)
    # Without a reason, only the count can tell that the answer was cut.
    if choice.get("finish_reason") is None and request and not calls and not usage.estimated:
        finish = "length" if usage.completion >= request.max_tokens else finish
    kind = EstimatedReply if usage.estimated else ModelReply
    return kind(
        text=text,
        finish=finish,
        prompt_tokens=usage.prompt,
        completion_tokens=usage.completion,
        cached_tokens=usage.cached,
        option_logprobs=rate_options(choice.get("logprobs"), request) if request else None,
        tool_calls=calls,
    )


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
    count = count_of(get(usage, key))
    if count is None:
        raise failure("malformed_reply", f"The reply's {key!r} is {str(usage[key])[:40]!r}, not a count.")
    return count


def _usable(choices: Any, hide: Callable[[str], str]) -> dict[str, Any]:
    """Return the first choice that has a message, or else the first one."""
    first(choices, "choices[0]")
    objects = [choice for choice in choices if isinstance(choice, dict)]
    if not objects:
        raise failure("malformed_reply", "The reply's choices are no objects.")
    chosen = next((choice for choice in objects if _has_text(_message_of(choice))), objects[0])
    if _reason_of(chosen) in _FILTERED:
        raise failure("content_filter", "The provider's content filter cut or refused the answer.")
    if chosen.get("error") and has_message(chosen):
        raise status_failure(500, chosen, hide=hide)
    if _reason_of(chosen) in _BROKEN_OFF:
        raise failure("server_error", "The endpoint broke off its answer with an error of its own.")
    return chosen


def _message_of(choice: dict[str, Any]) -> dict[str, Any]:
    """Return the message of a choice, which some servers call a delta or send as a bare text."""
    found = [choice.get(key) for key in ("message", "delta", "text")]
    message = next((one for one in found if isinstance(one, (dict, str))), None)
    return message if isinstance(message, dict) else {"content": message}


def _has_text(message: dict[str, Any]) -> bool:
    return any(message.get(key) for key in ("content", "refusal", "tool_calls", *_REASONING))


def _reason_of(choice: dict[str, Any]) -> str:
    reason = choice.get("finish_reason")
    return reason.lower() if isinstance(reason, str) else ""


def _finish_of(choice: dict[str, Any], calls: tuple[ToolCall, ...]) -> Finish:
    return "tool_calls" if calls else _FINISHES.get(_reason_of(choice), "stop")


def _text(message: dict[str, Any], finish: Finish) -> str:
    content = message.get("content")
    if content is None:
        # A refusal is an answer. A reasoning model may end before its answer begins.
        refusal = message.get("refusal")
        reasoned = any(message.get(key) for key in _REASONING)
        empty = "" if finish in ("length", "tool_calls") or reasoned else None
        content = refusal if isinstance(refusal, str) and refusal else empty
    text = _joined(content)
    if text is None:
        raise failure("malformed_reply", f"The reply's text is {type(content).__name__}, not a string.")
    return text


def _joined(content: Any) -> str | None:
    """Return the text of a string, a part or a list of parts; None for anything else.

    Parts of another type than text, such as reasoning or images, are left out.
    """
    if isinstance(content, str):
        return content
    if isinstance(content, dict):
        if content.get("type", "text") not in ("text", "output_text", "refusal"):
            return ""
        texts = (content.get(key) for key in ("text", "content", "refusal"))
        return next((text for text in texts if isinstance(text, str)), None)
    if not isinstance(content, list):
        return None
    parts = [_joined(part) if isinstance(part, (str, dict)) else None for part in content]
    return None if any(part is None for part in parts) else "".join(part or "" for part in parts)


def _tool_calls(message: dict[str, Any]) -> tuple[ToolCall, ...]:
    listed = message.get("tool_calls")
    calls = []
    for number, call in enumerate(listed if isinstance(listed, list) else ()):
        function = get(call, "function")
        id_, name = call.get("id"), get(function, "name")
        if not isinstance(name, str):
            raise failure("malformed_reply", f"The name of a tool is {type(name).__name__}, not a string.")
        given = function.get("arguments")
        arguments = given if isinstance(given, str) else json.dumps({} if given is None else given)
        calls.append(ToolCall(id=str(id_ or f"call_{number}"), name=name, arguments=arguments))
    return tuple(calls)


def _bytes_besides(message: dict[str, Any], calls: tuple[ToolCall, ...]) -> int:
    """Return the bytes of the reasoning and the tool calls, which are billed like the text."""
    reasoning = next((text for key in _REASONING if isinstance(text := message.get(key), str)), "")
    called = sum(len(call.name.encode()) + len(call.arguments.encode()) for call in calls)
    return len(reasoning.encode()) + called
