"""JSON of a reply, also where it came as a stream of events, or with faults that do not spoil it."""

import json
from collections.abc import Callable
from typing import Any

from ..base import ModelError
from .errors import failure, status_failure
from .server_words import has_message, is_html, page_text, sentence

_QUOTED = 100
_ERROR_KEYS = ("message", "detail", "msg", "errors", "error_msg", "error_message", "base_resp")


def parse_json(body: bytes, hide: Callable[[str], str] = str) -> Any:
    """Return the body's value; chunks of a stream are put together to one completion.

    Raises `ModelError` if the body is not JSON, or an error despite status 200; `hide` blanks the key in it.
    """
    try:
        data = _loads(body)
    except ValueError as error:
        data = _from_stream(body)
        if data is None:
            raise _not_json(body, str(error), hide) from None
    if _is_error(data):
        raise status_failure(_status_of(data), data, hide=hide)
    return data


def _loads(body: bytes) -> Any:
    """Return the value of JSON. Raises `ValueError`."""
    import orjson

    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        return _loads_leniently(body, str(error))


def _loads_leniently(body: bytes, fault: str) -> Any:
    """Return the value of JSON with NaN, numbers of any size or lone surrogates, which orjson refuses."""
    try:
        return _without_surrogates(
            json.loads(body.decode("utf-8", "replace"), parse_constant=lambda _: None, strict=False)
        )
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    except ValueError:
        raise ValueError(fault) from None


def _without_surrogates(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [_without_surrogates(item) for item in value]
    if isinstance(value, dict):
        return {_without_surrogates(key): _without_surrogates(item) for key, item in value.items()}
    return value


def _not_json(body: bytes, fault: str, hide: Callable[[str], str]) -> ModelError:
    text = body[: 64 * _QUOTED].decode("utf-8", "replace")
    if not text.strip():
        return failure("malformed_reply", "The reply is empty.")
    if is_html(text):
        title = sentence(hide(page_text(text)))
        return failure("malformed_reply", f"The reply is not JSON but a web page: {title}")
    begins = sentence(hide(text))[:_QUOTED]
    return failure("malformed_reply", f"The reply is not JSON ({sentence(fault)[:-1]}). It begins: {begins}")


def _from_stream(body: bytes) -> Any:
    """Return the completion whose chunks a server sent as events, or line by line; None if it is no such."""
    chunks = []
    complete = False
    for line in body.decode("utf-8", "replace").splitlines():
        name, _, rest = line.partition(":")
        if not line.strip() or name in ("", "event", "id", "retry"):
            continue
        text = (rest if name == "data" else line).strip()
        if text == "[DONE]":
            complete = True
            continue
        try:
            chunk = _loads(text.encode())
        except ValueError:
            return None
        if not isinstance(chunk, dict) or _is_error(chunk):
            return chunk if isinstance(chunk, dict) else None
        chunks.append(chunk)
    whole = _joined(chunks)
    return whole if chunks and (complete or _finish_of(whole)) else None


def _joined(chunks: list[dict[str, Any]]) -> dict[str, Any]:
    """Return one completion with the deltas of the first choice of all chunks."""
    message: dict[str, Any] = {}
    reason = usage = None
    steps: list[Any] = []
    for chunk in chunks:
        usage = chunk.get("usage") or usage
        choices = chunk.get("choices")
        choice = choices[0] if isinstance(choices, list) and choices else {}
        if not isinstance(choice, dict) or choice.get("index", 0) != 0:
            continue
        reason = choice.get("finish_reason") or reason
        _add(message, choice.get("message") or choice.get("delta") or {"content": choice.get("text")})
        logprobs = choice.get("logprobs")
        content = logprobs.get("content") if isinstance(logprobs, dict) else None
        steps += content if isinstance(content, list) else []
    logprobs = {"content": steps} if steps else None
    whole = {"choices": [{"message": message, "finish_reason": reason, "logprobs": logprobs}]}
    return {**whole, "usage": usage}


def _add(message: dict[str, Any], delta: Any) -> None:
    """Add a delta's texts and tool calls to a message."""
    for key, value in delta.items() if isinstance(delta, dict) else ():
        if isinstance(value, str) and key != "role":
            earlier = message.get(key)
            message[key] = (earlier if isinstance(earlier, str) else "") + value
        elif key == "tool_calls" and isinstance(value, list):
            _add_calls(message.setdefault("tool_calls", []), value)
        elif value is not None and key not in message:
            message[key] = value
    message.setdefault("content", None)


def _add_calls(calls: list[dict[str, Any]], deltas: list[Any]) -> None:
    for delta in deltas:
        if not isinstance(delta, dict):
            continue
        index = delta.get("index")
        if type(index) is not int or not 0 <= index < len(calls):
            calls.append({"function": {}})
            index = len(calls) - 1
        calls[index]["id"] = calls[index].get("id") or delta.get("id")
        function = delta.get("function")
        for key, value in function.items() if isinstance(function, dict) else ():
            if isinstance(value, str):
                calls[index]["function"][key] = calls[index]["function"].get(key, "") + value


def _finish_of(whole: dict[str, Any]) -> Any:
    return whole["choices"][0]["finish_reason"]


def _is_error(data: Any) -> bool:
    """Return True for an error: it says so, or it has a message where a completion has choices."""
    if isinstance(data, list):
        return bool(data) and isinstance(data[0], dict) and "error" in data[0] and _is_error(data[0])
    if not isinstance(data, dict):
        return False
    error = data.get("error")
    if isinstance(data.get("choices"), list) and data["choices"]:
        return bool(error) and has_message({"error": error})
    marked = "error" in (data.get("object"), data.get("type"), data.get("status"))
    return bool(error) or marked or (any(data.get(key) for key in _ERROR_KEYS) and has_message(data))


def _status_of(data: Any) -> int:
    """Return the HTTP status that an error names, or else 500."""
    outer = data[0] if isinstance(data, list) else data
    error = outer.get("error") if isinstance(outer.get("error"), dict) else outer
    for holder in (error, outer):
        for key in ("code", "status", "status_code", "http_status"):
            value = holder.get(key)
            if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) == 3:
                value = int(value)
            if type(value) is int and 400 <= value < 600:
                return value
    return 500
