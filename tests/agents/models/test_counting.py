"""Token counts before a request is sent: never less than the reply's, and exact if the tokenizer is known."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transfer_prompting.agents.models.base import (
    ChatMessage,
    Counting,
    Model,
    ModelRequest,
    TokenCount,
    Tool,
    ToolCall,
)
from transfer_prompting.agents.models.human import HumanModel, TerminalAsker
from transfer_prompting.agents.models.local.sources import ModelSource
from transfer_prompting.agents.models.openai.model import OpenAIModel
from transfer_prompting.agents.models.scripted import ScriptedModel
from transfer_prompting.agents.models.token_bounds import default_count, option_bound, prompt_bound

SERVER = "http://127.0.0.1:9/v1"
PARAMETERS = {"type": "object", "properties": {"city": {"type": "string", "description": "<Ort> in Zürich"}}}
OPTIONS = ("yes", "certainly not")


def with_tool(description: str = "Tells the weather.") -> ModelRequest:
    """Return a conversation in which a tool was called."""
    call = ToolCall(id="call_1", name="weather", arguments='{"city": "Zürich"}')
    return ModelRequest(
        messages=(
            ChatMessage(role="user", content="Sunny?"),
            ChatMessage(role="assistant", content="", tool_calls=(call,)),
            ChatMessage(role="tool", content="yes", answers="call_1"),
        ),
        tools=(Tool(name="weather", description=description, parameters=json.dumps(PARAMETERS)),),
    )


@given(st.lists(st.text(), min_size=1, max_size=4))
def test_bound_of_a_prompt_covers_every_byte(texts: list[str]) -> None:
    """One token for each byte and a hundred from the template stay within the bound."""
    messages = tuple(ChatMessage(role="user", content=text) for text in texts)
    assert prompt_bound(ModelRequest(messages=messages)) >= sum(len(t.encode()) for t in texts) + 100


def test_bound_of_a_prompt_covers_tools() -> None:
    """Tools and their calls, indented and escaped by a template, stay within the bound."""
    request = with_tool()
    plain = request.model_copy(update={"tools": (), "messages": request.messages[:1]})
    tool = {"name": "weather", "description": "Tells the weather.", "parameters": PARAMETERS}
    offered = json.dumps([{"type": "function", "function": tool}], indent=4)
    called = json.dumps({"id": "call_1", "name": "weather", "arguments": {"city": "Zürich"}}, indent=4)
    escaped = (offered + called).replace("<", "\\u003c").replace(">", "\\u003e")
    assert prompt_bound(request) - prompt_bound(plain) >= len(escaped.encode())
    longer = with_tool(description="Tells the weather." + "x" * 50)
    assert prompt_bound(longer) == prompt_bound(request) + 50


def test_bound_of_a_prompt_covers_a_schema(ask: Any) -> None:
    """A schema counts towards the bound, even if it is not valid JSON."""
    schema = json.dumps(PARAMETERS)
    assert prompt_bound(ask("q", json_schema=schema)) >= prompt_bound(ask("q")) + len(schema)
    assert prompt_bound(ask("q", json_schema="{" * 9)) >= prompt_bound(ask("q")) + 9


@pytest.mark.parametrize("lead", [None, "Answer:"])
def test_default_count_assumes_one_request_per_option(ask: Any, lead: str | None) -> None:
    """An unknown model may be sent the prompt once for each option, and once for an answer."""
    count = default_count(ask("q", options=OPTIONS, lead=lead, max_tokens=10))
    bound = prompt_bound(ask("q"))
    assert count == TokenCount(bound * (3 if lead else 2), sum(map(option_bound, OPTIONS)) + 10 * bool(lead))
    assert default_count(ask("q", max_tokens=10)) == TokenCount(bound, 10)


def openai(server: Any) -> OpenAIModel:
    """Return a client that sends nothing in these tests."""
    return OpenAIModel("m", SERVER, api_key=None, server=server)


def test_answer_with_options_is_one_request_to_a_server(ask: Any) -> None:
    """Options with a lead are rated by the answer's tokens, so one request serves all of them."""
    request = ask("q", options=OPTIONS, lead="Answer:", max_tokens=10)
    assert openai("openai").count(request) == TokenCount(prompt_bound(request), 10)


def test_scored_options_are_one_request_each_to_a_server(ask: Any) -> None:
    """llama.cpp generates each option; vLLM reads each option and generates one token after it."""
    request, options = ask("q", options=OPTIONS), sum(map(option_bound, OPTIONS))
    prompt = 2 * prompt_bound(request)
    assert openai("llama.cpp").count(request) == TokenCount(prompt, options)
    assert openai("vllm").count(request) == TokenCount(prompt + options, 2)
    assert openai("openai").count(request) is None


def test_counting_is_optional() -> None:
    """A scripted model does not count tokens, and is a model nevertheless."""
    assert isinstance(openai("openai"), Counting)
    scripted = ScriptedModel(lambda _request: "x")
    assert isinstance(scripted, Model)
    assert not isinstance(scripted, Counting)


def test_a_person_costs_no_tokens(ask: Any) -> None:
    """A person's count is zero for every question."""
    assert HumanModel(TerminalAsker()).count(ask("q" * 500)) == TokenCount(0, 0, exact=True)


@pytest.mark.model
@pytest.mark.xdist_group("model")
async def test_count_equals_the_prompt_tokens_of_the_reply(embedded: Any, ask: Any) -> None:
    """The embedded model counts prompts exactly for an answer, for options, and for both."""
    settings = {"max_tokens": 3, "system": "Say it in Zürich's way: 日本 <|im_end|>"}
    for request in (
        ask("What is it?", **settings),
        ask("What is it?", options=OPTIONS, **settings),
        ask("What is it?", options=OPTIONS, lead="Answer:", **settings),
    ):
        count, reply = embedded.count(request), await embedded.reply(request)
        assert count.exact
        assert count.prompt == reply.prompt_tokens
        assert count.completion >= reply.completion_tokens


@pytest.mark.model
@pytest.mark.xdist_group("model")
def test_refused_request_has_no_count(embedded: Any, ask: Any) -> None:
    """A request that cannot be encoded has no count; the error comes with its reply."""
    assert embedded.count(ask("q", options=("yes", ""))) is None


def test_missing_model_has_no_count(ask: Any) -> None:
    """Without a tokenizer to load there is no count; the error comes with the first reply."""
    pytest.importorskip("transformers")
    from transfer_prompting.agents.models.local.model import TransformersModel
    from transfer_prompting.agents.models.local.sources import WeightsLocation

    nowhere = ModelSource("nowhere", lambda: WeightsLocation("/nowhere/at/all"))
    assert TransformersModel(nowhere, device="cpu").count(ask("q")) is None
