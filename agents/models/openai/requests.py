"""Payloads and addresses of requests to an OpenAI-compatible endpoint."""

from functools import cache
from typing import Any
from urllib.parse import parse_qsl, urlsplit, urlunsplit

from ..base import ChatMessage, ModelError, ModelRequest, Tool
from .logprobs import MAX_ALTERNATIVES

_AFFINITY_LENGTH = 400
"""Characters of a prompt's beginning that decide which replica has it in its prefix cache."""
_SECRET_NAMES = frozenset({"key", "apikey", "token", "secret", "password", "signature", "sig"})


def chat_payload(model: str, request: ModelRequest, limit_name: str) -> dict[str, Any]:
    """Return the body of a chat completion; `limit_name` is the endpoint's name of `max_tokens`."""
    payload: dict[str, Any] = {
        "model": model,
        "messages": messages_of(request),
        limit_name: request.max_tokens,
        "temperature": request.temperature,
    }
    if request.seed is not None:
        payload["seed"] = request.seed
    if request.stop:
        payload["stop"] = list(request.stop)
    if request.json_schema is not None:
        payload["response_format"] = _response_format(request.json_schema)
    if request.options is not None:
        payload |= {"logprobs": True, "top_logprobs": MAX_ALTERNATIVES}
    if request.tools:
        payload["tools"] = [_tool(tool) for tool in request.tools]
    return payload


def messages_of(request: ModelRequest) -> list[dict[str, Any]]:
    """Return the conversation in the protocol's format."""
    return [_message(message) for message in request.messages]


def _message(message: ChatMessage) -> dict[str, Any]:
    payload: dict[str, Any] = {"role": message.role, "content": message.content}
    if message.tool_calls:
        payload["tool_calls"] = [
            {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}
            for call in message.tool_calls
        ]
    if message.role == "tool":
        payload["tool_call_id"] = message.answers
    return payload


def _tool(tool: Tool) -> dict[str, Any]:
    import orjson

    function = {"name": tool.name, "description": tool.description}
    return {"type": "function", "function": {**function, "parameters": orjson.loads(tool.parameters)}}


def affinity_key(request: ModelRequest) -> int:
    """Return a number that is equal for prompts that begin alike, so that they share a prefix cache."""
    first = request.messages[0]
    beginning = first.content if first.role == "system" else first.content[:_AFFINITY_LENGTH]
    return hash((first.role, beginning))


@cache
def address(base_url: str, path: str) -> str:
    """Return the address of `path` below a base URL, with the query of the base URL.

    Raises `ModelError` ("bad_request") for a base URL that is not http or https.
    """
    parts = urlsplit(base_url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ModelError(
            "bad_request",
            f"base_url {without_secrets(base_url)!r} is not an http or https address.",
            advice="Correct base_url in [models.NAME], for example http://127.0.0.1:8000/v1.",
        )
    return urlunsplit(parts._replace(path=parts.path.rstrip("/") + path, fragment=""))


def without_secrets(url: str) -> str:
    """Return the address without the parts that may be secret: user, password, query and fragment."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, host, parts.path.rstrip("/"), "", ""))


def server_root(base_url: str) -> str:
    """Return the base URL without /v1: servers put their extensions of OpenAI's protocol there."""
    parts = urlsplit(base_url)
    return urlunsplit(parts._replace(path=parts.path.rstrip("/").removesuffix("/v1")))


def holds_secret(url: str) -> bool:
    """Return True if a URL holds a user or password, or a query parameter that is named like a key."""
    parts = urlsplit(url)
    names = {name.lower().replace("-", "").replace("_", "") for name, _ in parse_qsl(parts.query)}
    return "@" in parts.netloc or any(name.endswith(tuple(_SECRET_NAMES)) for name in names)


def _response_format(schema: str) -> dict[str, Any]:
    import orjson

    try:
        parsed = orjson.loads(schema)
    except orjson.JSONDecodeError as error:
        raise ModelError("bad_request", f"The request's json_schema is not JSON: {error}.") from error
    return {"type": "json_schema", "json_schema": {"name": "reply", "strict": True, "schema": parsed}}
