"""Payloads and addresses of requests to an OpenAI-compatible endpoint."""

from collections.abc import Collection, Mapping
from functools import cache
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from ....prompts.content_parts import stored_text
from ..base import ChatMessage, ModelError, ModelRequest, Tool
from .logprobs import MAX_ALTERNATIVES
from .strict_schema import is_strict

_AFFINITY_LENGTH = 400
"""Characters of a prompt's beginning that decide which replica has it in its prefix cache."""
FEW_ALTERNATIVES = 5
"""Alternatives to ask for at a server that refuses to report more."""
MANY_ALTERNATIVES = f"top_logprobs={MAX_ALTERNATIVES}"


def chat_payload(
    model: str,
    request: ModelRequest,
    refused: Collection[str] = (),
    params: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Return the body of a chat completion.

    `refused` holds what the endpoint does not accept: the names of parameters, "temperature=0.0" for one of
    its values, `MANY_ALTERNATIVES`, and "system" for messages of the system. With
    "max_tokens", the limit has its other name. `params` are further fields; the request's own come first.
    """
    limit_name = "max_completion_tokens" if "max_tokens" in refused else "max_tokens"
    messages = messages_of(request)
    payload: dict[str, Any] = {
        **(params or {}),
        "model": model,
        "messages": _without_system(messages) if "system" in refused else messages,
        limit_name: request.max_tokens,
    }
    if not {"temperature", f"temperature={request.temperature}"} & set(refused):
        payload["temperature"] = request.temperature
    optional = _optional(request, MANY_ALTERNATIVES in refused)
    payload |= {name: value for name, value in optional.items() if name not in refused}
    if "logprobs" in refused:
        payload.pop("top_logprobs", None)
    if request.tools:
        payload["tools"] = [_tool(tool) for tool in request.tools]
    return payload


def _optional(request: ModelRequest, few: bool) -> dict[str, Any]:
    """Return the fields that a request may have, and an endpoint may refuse."""
    fields: dict[str, Any] = {}
    if request.seed is not None:
        fields["seed"] = request.seed
    if request.stop:
        fields["stop"] = list(request.stop)
    if request.json_schema is not None:
        fields["response_format"] = _response_format(request.json_schema)
    if request.options is not None:
        fields |= {"logprobs": True, "top_logprobs": FEW_ALTERNATIVES if few else MAX_ALTERNATIVES}
    return fields


def messages_of(request: ModelRequest) -> list[dict[str, Any]]:
    """Return the conversation in the protocol's format."""
    return [_message(message) for message in request.messages]


def _message(message: ChatMessage) -> dict[str, Any]:
    content = message.content
    payload: dict[str, Any] = {
        "role": message.role,
        "content": content if isinstance(content, str) else [part.model_dump() for part in content],
    }
    if message.tool_calls:
        payload["tool_calls"] = [
            {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}
            for call in message.tool_calls
        ]
    if message.role == "tool":
        payload["tool_call_id"] = message.answers
    return payload


def _without_system(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the messages with those of the system at the beginning of the next one."""
    kept: list[dict[str, Any]] = []
    before = ""
    for message in messages:
        if message["role"] == "system":
            before += stored_text(message["content"]) + "\n\n"
        else:
            kept.append({**message, "content": _after(before, message["content"])})
            before = ""
    return [*kept, {"role": "user", "content": before.rstrip()}] if before else kept


def _after(before: str, content: str | list[dict[str, Any]]) -> str | list[dict[str, Any]]:
    """Return a content with a text before it."""
    if isinstance(content, str):
        return before + content
    return [{"type": "text", "text": before}, *content] if before else content


def _tool(tool: Tool) -> dict[str, Any]:
    import orjson

    function = {"name": tool.name, "description": tool.description}
    return {"type": "function", "function": {**function, "parameters": orjson.loads(tool.parameters)}}


def affinity_key(request: ModelRequest) -> int:
    """Return a number that is equal for prompts that begin alike, so that they share a prefix cache."""
    first = request.messages[0]
    beginning = first.text if first.role == "system" else first.text[:_AFFINITY_LENGTH]
    return hash((first.role, beginning))


@cache
def address(base_url: str, path: str) -> str:
    """Return the address of `path` below a base URL, with the query of the base URL.

    Raises `ModelError` ("bad_request") for a base URL that is not http or https.
    """
    try:
        parts = urlsplit(base_url)
        valid = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        valid = False
    if not valid:
        raise ModelError(
            "bad_request",
            f"base_url {without_secrets(base_url)!r} is not an http or https address.",
            advice="Correct base_url in [models.NAME], for example http://127.0.0.1:8000/v1.",
        )
    return urlunsplit(parts._replace(path=parts.path.rstrip("/") + path, fragment=""))


def without_secrets(url: str) -> str:
    """Return the address without the parts that may be secret: user, password, query and fragment."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, host, parts.path.rstrip("/"), "", ""))


def server_root(base_url: str) -> str:
    """Return the base URL without /v1: servers put their extensions of OpenAI's protocol there."""
    parts = urlsplit(base_url)
    return urlunsplit(parts._replace(path=parts.path.rstrip("/").removesuffix("/v1")))


def _response_format(schema: str) -> dict[str, Any]:
    import orjson

    try:
        parsed = orjson.loads(schema)
    except orjson.JSONDecodeError as error:
        raise ModelError("bad_request", f"The request's json_schema is not JSON: {error}.") from error
    strict = is_strict(parsed)
    return {"type": "json_schema", "json_schema": {"name": "reply", "strict": strict, "schema": parsed}}
