"""Conversion of requests and replies between this project and AutoGen."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from autogen_core import FunctionCall, Image
from autogen_core.models import (
    AssistantMessage,
    CreateResult,
    FunctionExecutionResult,
    FunctionExecutionResultMessage,
    LLMMessage,
    RequestUsage,
    SystemMessage,
    UserMessage,
)
from autogen_core.tools import ToolSchema
from pydantic import BaseModel

from ....prompts.content_parts import ImagePart, ImageUrl, TextPart
from ..base import ChatMessage, Finish, ModelError, ModelReply, ModelRequest, Tool, ToolCall

_FINISHES: dict[str, Finish] = {"length": "length", "content_filter": "content_filter"}
_REASONS: dict[Finish, Any] = {
    "length": "length",
    "content_filter": "content_filter",
    "tool_calls": "function_calls",
}


def to_model_request(
    messages: Sequence[LLMMessage],
    *,
    tools: Sequence[Any],
    tool_choice: Any,
    json_output: bool | type[BaseModel] | None,
    arguments: Mapping[str, Any],
) -> ModelRequest:
    """Return the request for a call of an AutoGen client. `arguments` are its extra ones, named as by OpenAI.

    Raises ValueError for a tool that must be used and for plain JSON mode, which a request cannot hold.
    """
    if tool_choice not in ("auto", "none"):
        raise ValueError("A model decides by itself whether to call a tool: leave tool_choice out.")
    if json_output is True:
        raise ValueError("Plain JSON mode is not supported: give the class of the answer as json_output.")
    schema = json.dumps(json_output.model_json_schema(), sort_keys=True) if json_output else None
    offered = () if tool_choice == "none" else tuple(map(_tool, tools))
    return ModelRequest(
        messages=tuple(turn for message in messages for turn in _chat_messages(message)),
        tools=offered,
        json_schema=schema,
        **arguments,
    )


def to_create_result(reply: ModelReply) -> CreateResult:
    """Return a reply as the result of an AutoGen client."""
    calls = [FunctionCall(id=c.id, name=c.name, arguments=c.arguments) for c in reply.tool_calls]
    return CreateResult(
        finish_reason=_REASONS.get(reply.finish, "stop"),
        content=calls or reply.text,
        usage=RequestUsage(reply.prompt_tokens, reply.completion_tokens),
        cached=False,
        thought=reply.text if calls and reply.text else None,
    )


def to_autogen_messages(request: ModelRequest) -> list[LLMMessage]:
    """Return the conversation of a request.

    Raises `ModelError` for an image that AutoGen cannot hold: it takes PNG and JPEG, and no addresses.
    """
    names = {call.id: call.name for message in request.messages for call in message.tool_calls}
    return [_message(message, names) for message in request.messages]


def to_autogen_tools(request: ModelRequest) -> list[ToolSchema]:
    """Return the tools of a request."""
    return [
        ToolSchema(name=t.name, description=t.description, parameters=json.loads(t.parameters))
        for t in request.tools
    ]


def to_model_reply(result: CreateResult) -> ModelReply:
    """Return a client's result as a reply. Raises `ModelError` for anything but text and tool calls."""
    calls: tuple[ToolCall, ...] = ()
    text = result.content
    if isinstance(text, list):
        calls = tuple(ToolCall(id=c.id, name=c.name, arguments=c.arguments) for c in text)
        text = result.thought or ""
    if not isinstance(text, str):
        raise ModelError("malformed_reply", f"The client returned {type(text).__name__} instead of text.")
    return ModelReply(
        text=text,
        finish="tool_calls" if calls else _FINISHES.get(result.finish_reason, "stop"),
        prompt_tokens=result.usage.prompt_tokens,
        completion_tokens=result.usage.completion_tokens,
        tool_calls=calls,
    )


def _message(message: ChatMessage, names: Mapping[str, str]) -> LLMMessage:
    text = message.text
    match message.role:
        case "system":
            return SystemMessage(content=text)
        case "assistant" if message.tool_calls:
            calls = [FunctionCall(c.id, c.arguments, c.name) for c in message.tool_calls]
            return AssistantMessage(content=calls, thought=text or None, source="assistant")
        case "assistant":
            return AssistantMessage(content=text, source="assistant")
        case "tool":
            name = names.get(message.answers, "")
            result = FunctionExecutionResult(content=text, name=name, call_id=message.answers)
            return FunctionExecutionResultMessage(content=[result])
        case "user" if isinstance(message.content, tuple):
            parts = [p.text if isinstance(p, TextPart) else _image(p.image_url) for p in message.content]
            return UserMessage(content=parts, source="user")
        case "user":
            return UserMessage(content=text, source="user")


def _image(image: ImageUrl) -> Image:
    try:
        return Image.from_uri(image.url)
    except (ValueError, OSError) as error:
        raise ModelError(
            "not_supported",
            f"AutoGen cannot hold {image.name[:80]}.",
            advice="Give the image as data:image/png;base64,... or data:image/jpeg;base64,...",
        ) from error


def _chat_messages(message: LLMMessage) -> list[ChatMessage]:
    match message:
        case SystemMessage():
            return [ChatMessage(role="system", content=message.content)]
        case UserMessage(content=str(text)):
            return [ChatMessage(role="user", content=text)]
        case UserMessage(content=list(parts)):
            return [ChatMessage(role="user", content=tuple(map(_part, parts)))]
        case AssistantMessage(content=str(text)):
            return [ChatMessage(role="assistant", content=text)]
        case AssistantMessage(content=list(requested)):
            calls = tuple(ToolCall(id=c.id, name=c.name, arguments=c.arguments) for c in requested)
            return [ChatMessage(role="assistant", content=message.thought or "", tool_calls=calls)]
        case FunctionExecutionResultMessage():
            return [ChatMessage(role="tool", content=r.content, answers=r.call_id) for r in message.content]
    raise ValueError(
        f"A request holds text and tool calls; this {type(message).__name__} holds something else."
    )


def _part(part: str | Image) -> TextPart | ImagePart:
    if isinstance(part, str):
        return TextPart(text=part)
    return ImagePart(image_url=ImageUrl(url=part.data_uri))


def _tool(tool: Any) -> Tool:
    schema = tool if isinstance(tool, dict) else tool.schema
    parameters = schema.get("parameters", {"type": "object", "properties": {}})
    return Tool(
        name=schema["name"],
        description=schema.get("description", ""),
        parameters=json.dumps(parameters, sort_keys=True),
    )
