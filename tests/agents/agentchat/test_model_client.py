"""This project's models as `ChatCompletionClient`s, and tools in both directions."""

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
    """Return the sum of two numbers."""
    return a + b


def with_tool(request: ModelRequest) -> ModelReply | str:
    """Call the tool, then repeat its result."""
    if request.messages[-1].role == "tool":
        return f"It is {request.messages[-1].text}."
    call = ToolCall(id="c1", name="add", arguments='{"a": 2, "b": 3}')
    return ModelReply(text="", finish="tool_calls", prompt_tokens=7, completion_tokens=2, tool_calls=(call,))


async def test_assistant_uses_our_model() -> None:
    """An assistant of AutoGen calls our model, runs a tool and answers."""
    client = ModelClient(ScriptedModel(with_tool))
    agent = AssistantAgent("helper", model_client=client, tools=[add], reflect_on_tool_use=True)
    result = await agent.run(task="What is 2 + 3?")
    assert result.messages[-1].to_text() == "It is 5."
    assert client.total_usage().prompt_tokens > 7


async def test_streaming_client() -> None:
    """A streaming client yields the whole reply in one piece."""
    client = ModelClient(ScriptedModel(lambda _request: "hello"))
    agent = AssistantAgent("helper", model_client=client, model_client_stream=True)
    assert (await agent.run(task="Say hello.")).messages[-1].to_text() == "hello"


async def test_structured_answers() -> None:
    """The answer's class is sent to the model as a JSON schema, and the answer is of that class."""

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
async def test_unsupported_arguments(options: dict[str, object]) -> None:
    """Arguments that a request cannot hold are refused before the model is called."""
    model = ScriptedModel(lambda _request: "x")
    with pytest.raises(ValueError, match=r"tool_choice|json_output"):
        await ModelClient(model).create([UserMessage(content="x", source="u")], **options)  # type: ignore[arg-type]
    assert model.calls == 0


async def test_round_trip_through_autogen() -> None:
    """A request with tools and its reply pass through an AutoGen client unchanged."""
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
    """Tools, calls and results are sent to an OpenAI-compatible endpoint in its protocol's format."""
    call = ToolCall(id="c1", name="add", arguments='{"a": 2}')
    request = ModelRequest(
        messages=(
            ChatMessage(role="assistant", content="", tool_calls=(call,)),
            ChatMessage(role="tool", content="5", answers="c1"),
        ),
        tools=(Tool(name="add", description="Sums.", parameters='{"type": "object"}'),),
    )
    payload = chat_payload("m", request)
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


def test_requests_without_tools_do_not_mention_them() -> None:
    """Requests without tools keep the bytes and the key that they had before there were tools."""
    request = ModelRequest(messages=(ChatMessage(role="user", content="x"),))
    assert "tool" not in request.model_dump_json()
    assert "answers" not in request.model_dump_json()


async def test_images_reach_the_model() -> None:
    """A picture of AutoGen becomes an image of the request, which a model that cannot see refuses itself."""
    from autogen_core import Image
    from PIL import Image as Picture

    asked: list[ModelRequest] = []

    def answer(request: ModelRequest) -> str:
        asked.append(request)
        return "x"

    client = ModelClient(ScriptedModel(answer))
    picture = Image(Picture.new("RGB", (1, 1)))
    await client.create([SystemMessage(content="x"), UserMessage(content=["Red?", picture], source="u")])
    [image] = asked[0].images
    assert image.url == picture.data_uri
    assert asked[0].messages[1].text.startswith("Red?\n[image, image/png, ")


async def test_errors_pass_through_a_client() -> None:
    """An error of our model passes through an AutoGen client unchanged."""
    model = AutoGenModel(ModelClient(ScriptedModel(lambda _r: ModelError("timeout", "late"))), "late")
    with pytest.raises(ModelError, match="late"):
        await model.reply(ModelRequest(messages=(ChatMessage(role="user", content="x"),)))
