"""Requests and replies of DSPy, which are those of its package lm15, as those of this project."""

import json
from collections.abc import Iterator
from typing import Any

from dspy import lm15

from ...prompts.content_parts import ImagePart, ImageUrl, TextPart
from ..models.base import ChatMessage, Finish, ModelReply, Tool, ToolCall
from .base import AskFailed

_FINISH: dict[Finish, str] = {
    "stop": "stop",
    "scored": "stop",
    "length": "length",
    "content_filter": "content_filter",
    "tool_calls": "tool_call",
}
_ERRORS = {
    "authentication": lm15.AuthError,
    "quota": lm15.BillingError,
    "rate_limit": lm15.RateLimitError,
    "timeout": lm15.TimeoutError,
    "connection": lm15.TransportError,
    "context_length": lm15.ContextLengthError,
    "bad_request": lm15.InvalidRequestError,
    "not_found": lm15.UnsupportedModelError,
}
"""Cause of a failure -> the error that DSPy expects for it. ReAct shortens a request that is too long."""


def turns_of(request: Any) -> list[ChatMessage]:
    """Return the turns of a request.

    Raises lm15's `UnsupportedFeatureError` for a part that is no text, image or call of a tool.
    """
    turns = []
    if request.system:
        parts = (lm15.TextPart(request.system),) if isinstance(request.system, str) else request.system
        turns.append(ChatMessage(role="system", content=_content(parts)))
    for message in request.messages:
        turns += _tool_turns(message) if message.role == "tool" else [_turn(message)]
    return turns


def tools_of(request: Any) -> tuple[Tool, ...]:
    """Return the tools of a request."""
    return tuple(
        Tool(name=tool.name, description=tool.description or "", parameters=json.dumps(tool.parameters))
        for tool in request.tools
    )


def schema_of(request: Any) -> str | None:
    """Return the JSON Schema that the reply is to satisfy, as JSON; None without one."""
    form = request.config.response_format
    return json.dumps(form["schema"]) if form and form["type"] == "json_schema" else None


def response_of(reply: ModelReply, model: str) -> Any:
    """Return a reply as DSPy reads it."""
    calls = [lm15.ToolCallPart(call.id, call.name, json.loads(call.arguments)) for call in reply.tool_calls]
    text = [lm15.TextPart(reply.text)] if reply.text or not calls else []
    return lm15.Response(
        id=None,
        model=model,
        message=lm15.Message.assistant([*text, *calls]),
        finish_reason=_FINISH[reply.finish],
        usage=lm15.Usage(
            input_tokens=reply.prompt_tokens,
            output_tokens=reply.completion_tokens,
            cache_read_tokens=reply.cached_tokens,
        ),
    )


def error_of(failed: AskFailed) -> Exception:
    """Return the error that stands for a failed call in DSPy."""
    error: Exception = _ERRORS.get(failed.cause, lm15.ServerError)(str(failed))
    return error


def _turn(message: Any) -> ChatMessage:
    calls = tuple(
        ToolCall(id=part.id, name=part.name, arguments=json.dumps(part.input))
        for part in message.parts_of(lm15.ToolCallPart)
    )
    role: Any = "system" if message.role == "developer" else message.role
    said = [part for part in message.parts if not isinstance(part, lm15.ToolCallPart | lm15.ThinkingPart)]
    return ChatMessage(role=role, content=_content(said), tool_calls=calls)


def _tool_turns(message: Any) -> Iterator[ChatMessage]:
    for result in message.parts:
        yield ChatMessage(role="tool", content=_content(result.content), answers=result.id)


def _content(parts: Any) -> str | tuple[TextPart | ImagePart, ...]:
    found = [_part(part) for part in parts]
    if all(isinstance(part, TextPart) for part in found):
        return "\n".join(part.text for part in found if isinstance(part, TextPart))
    return tuple(found)


def _part(part: Any) -> TextPart | ImagePart:
    match part:
        case lm15.TextPart() | lm15.RefusalPart():
            return TextPart(text=part.text)
        case lm15.DataPart():
            return TextPart(text=json.dumps(part.value, ensure_ascii=False))
        case lm15.ImagePart() if part.url or part.data:
            url = part.url or f"data:{part.media_type};base64,{part.data}"
            return ImagePart(image_url=ImageUrl(url=url, detail=part.detail))
        case _:
            raise lm15.UnsupportedFeatureError(
                f"A request holds a part of type {part.type!r}, and only texts and images can be sent."
            )
