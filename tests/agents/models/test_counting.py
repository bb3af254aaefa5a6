"""What models say of a request's tokens before it is sent: no less than its reply does, and how exactly."""

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
    """A conversation in which a tool was used."""
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
def test_every_byte_of_a_prompt_is_in_its_bound(texts: list[str]) -> None:
    """A tokenizer that makes a token of each byte, and a template that adds a hundred, do not exceed it."""
    messages = tuple(ChatMessage(role="user", content=text) for text in texts)
    assert prompt_bound(ModelRequest(messages=messages)) >= sum(len(t.encode()) for t in texts) + 100


def test_tools_are_in_the_bound_of_a_prompt() -> None:
    """What a template writes of tools and their calls, indented and escaped, does not exceed it."""
    request = with_tool()
    plain = request.model_copy(update={"tools": (), "messages": request.messages[:1]})
    tool = {"name": "weather", "description": "Tells the weather.", "parameters": PARAMETERS}
    shown = json.dumps([{"type": "function", "function": tool}], indent=4)
    called = json.dumps({"id": "call_1", "name": "weather", "arguments": {"city": "Zürich"}}, indent=4)
    escaped = (shown + called).replace("<", "\\u003c").replace(">", "\\u003e")
    assert prompt_bound(request) - prompt_bound(plain) >= len(escaped.encode())
    longer = with_tool(description="Tells the weather." + "x" * 50)
    assert prompt_bound(longer) == prompt_bound(request) + 50


def test_a_schema_is_in_the_bound_of_a_prompt(ask: Any) -> None:
    """What a template writes of tools and their calls, indented and escaped, is within."""
    schema = json.dumps(PARAMETERS)
    assert prompt_bound(ask("q", json_schema=schema)) >= prompt_bound(ask("q")) + len(schema)
    assert prompt_bound(ask("q", json_schema="{" * 9)) >= prompt_bound(ask("q")) + 9


@pytest.mark.parametrize("lead", [None, "Answer:"])
def test_without_any_knowledge_each_option_is_a_request(ask: Any, lead: str | None) -> None:
    """A model that says nothing may be sent the prompt once for each option, and once for an answer."""
    count = default_count(ask("q", options=OPTIONS, lead=lead, max_tokens=10))
    bound = prompt_bound(ask("q"))
    assert count == TokenCount(bound * (3 if lead else 2), sum(map(option_bound, OPTIONS)) + 10 * bool(lead))
    assert default_count(ask("q", max_tokens=10)) == TokenCount(bound, 10)


def openai(server: Any) -> OpenAIModel:
    """A client that is not used to send anything."""
    return OpenAIModel("m", SERVER, api_key=None, server=server)


def test_a_server_is_sent_an_answer_with_a_lead_once(ask: Any) -> None:
    """Options beside an answer are rated by the answer's own tokens: one request, however many there are."""
    request = ask("q", options=OPTIONS, lead="Answer:", max_tokens=10)
    assert openai("openai").count(request) == TokenCount(prompt_bound(request), 10)


def test_a_server_is_sent_each_option_with_the_prompt(ask: Any) -> None:
    """llama.cpp writes the options, vLLM reads them and writes a token behind each."""
    request, options = ask("q", options=OPTIONS), sum(map(option_bound, OPTIONS))
    prompt = 2 * prompt_bound(request)
    assert openai("llama.cpp").count(request) == TokenCount(prompt, options)
    assert openai("vllm").count(request) == TokenCount(prompt + options, 2)
    assert openai("openai").count(request) is None


def test_who_counts_and_who_does_not() -> None:
    """To count is left to each model: a scripted one does not, and is a model all the same."""
    assert isinstance(openai("openai"), Counting)
    scripted = ScriptedModel(lambda _request: "x")
    assert isinstance(scripted, Model)
    assert not isinstance(scripted, Counting)


def test_a_person_costs_no_tokens(ask: Any) -> None:
    """Whatever a person is asked."""
    assert HumanModel(TerminalAsker()).count(ask("q" * 500)) == TokenCount(0, 0, exact=True)


@pytest.mark.model
@pytest.mark.xdist_group("model")
async def test_the_reply_says_what_was_counted(embedded: Any, ask: Any) -> None:
    """The embedded model counts prompts exactly: of an answer, of options, of options behind a lead."""
    asked = {"max_tokens": 3, "system": "Say it in Zürich's way: 日本 <|im_end|>"}
    for request in (
        ask("What is it?", **asked),
        ask("What is it?", options=OPTIONS, **asked),
        ask("What is it?", options=OPTIONS, lead="Answer:", **asked),
    ):
        count, reply = embedded.count(request), await embedded.reply(request)
        assert count.exact
        assert count.prompt == reply.prompt_tokens
        assert count.completion >= reply.completion_tokens


@pytest.mark.model
@pytest.mark.xdist_group("model")
def test_what_will_be_refused_is_not_counted(embedded: Any, ask: Any) -> None:
    """A request that its tokenizer cannot make anything of has no count, and no error yet."""
    assert embedded.count(ask("q", options=("yes", ""))) is None


def test_a_model_that_is_not_there_is_not_counted(ask: Any) -> None:
    """Where there is no tokenizer to load, the first reply says so, and not the count."""
    from transfer_prompting.agents.models.local.model import TransformersModel
    from transfer_prompting.agents.models.local.sources import Located

    nowhere = ModelSource("nowhere", lambda: Located("/nowhere/at/all"))
    assert TransformersModel(nowhere, device="cpu").count(ask("q")) is None
