"""This project's models as `ChatCompletionClient`s, and tools on their way through both directions."""

import json

import pytest
from autogen_agentchat.agents import AssistantAgent
from autogen_agentchat.messages import StructuredMessage
from autogen_core.models import SystemMessage, UserMessage
from pydantic import BaseModel

from transfer_prompting import ModelClient
from transfer_prompting.agents.models.autogen.model import AutoGenModel
from transfer_prompting.agents.models.base import (
    ChatMessage,
    ModelError,
    ModelReply,
    ModelRequest,
    Tool,
    ToolCall,
)
from transfer_prompting.agents.models.openai.replies import parse_reply
from transfer_prompting.agents.models.openai.requests import chat_payload
from transfer_prompting.agents.models.scripted import ScriptedModel


def add(a: int, b: int) -> int:
    """The sum of two numbers."""
    return a + b


def with_tool(request: ModelRequest) -> ModelReply | str:
    """Asks for the tool, then repeats what it returned."""
    if request.messages[-1].role == "tool":
        return f"It is {request.messages[-1].content}."
    call = ToolCall(id="c1", name="add", arguments='{"a": 2, "b": 3}')
    return ModelReply(text="", finish="tool_calls", prompt_tokens=7, completion_tokens=2, tool_calls=(call,))


async def test_an_assistant_uses_our_model() -> None:
    """In anybody's AutoGen code an assistant asks our model, uses its tool and answers."""
    client = ModelClient(ScriptedModel(with_tool))
    agent = AssistantAgent("helper", model_client=client, tools=[add], reflect_on_tool_use=True)
    result = await agent.run(task="What is 2 + 3?")
    assert result.messages[-1].to_text() == "It is 5."
    assert client.total_usage().prompt_tokens > 7


async def test_an_assistant_streams() -> None:
    """A client that streams gives the whole reply at once."""
    client = ModelClient(ScriptedModel(lambda _request: "hello"))
    agent = AssistantAgent("helper", model_client=client, model_client_stream=True)
    assert (await agent.run(task="Say hello.")).messages[-1].to_text() == "hello"


async def test_structured_answers() -> None:
    """The class of the answer reaches the model as a JSON schema, and the answer comes back as that class."""

    class Sum(BaseModel):
        value: int

    asked: list[ModelRequest] = []

    def reply(request: ModelRequest) -> str:
        asked.append(request)
        return '{"value": 5}'

    agent = AssistantAgent("helper", model_client=ModelClient(ScriptedModel(reply)), output_content_type=Sum)
    message = (await agent.run(task="2 + 3?")).messages[-1]
    assert isinstance(message, StructuredMessage)
    assert message.content == Sum(value=5)
    assert json.loads(asked[0].json_schema or "")["properties"].keys() == {"value"}


@pytest.mark.parametrize("options", [{"tool_choice": "required"}, {"json_output": True}])
async def test_what_a_request_cannot_hold(options: dict[str, object]) -> None:
    """What our models have no word for is refused before anything is asked."""
    model = ScriptedModel(lambda _request: "x")
    with pytest.raises(ValueError, match=r"tool_choice|json_output"):
        await ModelClient(model).create([UserMessage(content="x", source="u")], **options)  # type: ignore[arg-type]
    assert model.calls == 0


async def test_there_and_back() -> None:
    """A request with tools goes through an AutoGen client and its reply comes back unchanged."""
    asked: list[ModelRequest] = []

    def reply(request: ModelRequest) -> ModelReply | str:
        asked.append(request)
        return with_tool(request)

    through = AutoGenModel(ModelClient(ScriptedModel(reply)), "through")
    tool = Tool(name="add", description="The sum.", parameters='{"properties": {}, "type": "object"}')
    call = ToolCall(id="c1", name="add", arguments='{"a": 2, "b": 3}')
    messages = (
        ChatMessage(role="system", content="Use tools."),
        ChatMessage(role="user", content="2 + 3?"),
        ChatMessage(role="assistant", content="", tool_calls=(call,)),
        ChatMessage(role="tool", content="5", answers="c1"),
    )
    request = ModelRequest(messages=messages, tools=(tool,))
    assert (await through.reply(request)).text == "It is 5."
    assert asked == [request]
    first = await through.reply(request.model_copy(update={"messages": messages[:2]}))
    assert (first.finish, first.tool_calls) == ("tool_calls", (call,))


def test_tools_at_an_endpoint() -> None:
    """An OpenAI-compatible endpoint is sent tools, calls and results as its protocol has them."""
    call = ToolCall(id="c1", name="add", arguments='{"a": 2}')
    request = ModelRequest(
        messages=(
            ChatMessage(role="assistant", content="", tool_calls=(call,)),
            ChatMessage(role="tool", content="5", answers="c1"),
        ),
        tools=(Tool(name="add", description="Sums.", parameters='{"type": "object"}'),),
    )
    payload = chat_payload("m", request, "max_tokens")
    function = {"name": "add", "description": "Sums.", "parameters": {"type": "object"}}
    assert payload["tools"] == [{"type": "function", "function": function}]
    assert payload["messages"][0]["tool_calls"][0]["function"] == {"name": "add", "arguments": '{"a": 2}'}
    assert payload["messages"][1] == {"role": "tool", "content": "5", "tool_call_id": "c1"}
    message = {"content": None, "tool_calls": payload["messages"][0]["tool_calls"]}
    body = {
        "choices": [{"message": message, "finish_reason": "tool_calls"}],
        "usage": {"prompt_tokens": 1, "completion_tokens": 1},
    }
    reply = parse_reply(json.dumps(body).encode())
    assert (reply.finish, reply.tool_calls) == ("tool_calls", (call,))


def test_requests_without_tools_are_as_they_were() -> None:
    """Tools stand in the log only where there are some: all other calls keep their bytes and their key."""
    request = ModelRequest(messages=(ChatMessage(role="user", content="x"),))
    assert "tool" not in request.model_dump_json()
    assert "answers" not in request.model_dump_json()


async def test_images_are_refused() -> None:
    """A message that is not text cannot be asked."""
    from autogen_core import Image
    from PIL import Image as Picture

    client = ModelClient(ScriptedModel(lambda _request: "x"))
    picture = Image(Picture.new("RGB", (1, 1)))
    with pytest.raises(ValueError, match="holds text and tool calls"):
        await client.create([SystemMessage(content="x"), UserMessage(content=[picture], source="u")])


async def test_errors_come_through() -> None:
    """What our model raises behind a client is still the error that it was."""
    model = AutoGenModel(ModelClient(ScriptedModel(lambda _r: ModelError("timeout", "late"))), "late")
    with pytest.raises(ModelError, match="late"):
        await model.reply(ModelRequest(messages=(ChatMessage(role="user", content="x"),)))
