"""A `dspy.LM` as a model of a run."""

import pytest

pytest.importorskip("dspy", reason="needs the package dspy")

import dspy
from dspy import lm15
from dspy_models import answering
from openai_serving import serving

from transfer_prompting.agents.models.base import ChatMessage, ModelError, ModelRequest, Tool, ToolCall
from transfer_prompting.agents.models.dspy_lm import DspyModel
from transfer_prompting.agents.models.registry import ModelSettings, build_model

REQUEST = ModelRequest(
    messages=(ChatMessage(role="system", content="Be brief."), ChatMessage(role="user", content="Hello?")),
    max_tokens=7,
    temperature=0.5,
    stop=("END",),
)


async def test_request_and_reply() -> None:
    """Turns, limits and tokens pass in both directions."""
    lm, engine = answering(lambda text: f"You said: {text}")
    reply = await DspyModel(lm).reply(REQUEST)
    assert (reply.text, reply.finish) == ("You said: Be brief.\nHello?", "stop")
    assert (reply.prompt_tokens, reply.completion_tokens) == (20, 5)
    config = engine.requests[0].config
    assert (config.max_tokens, config.temperature, config.stop) == (7, 0.5, ("END",))


async def test_each_request_is_sent() -> None:
    """DSPy's cache is off, and the LM that was given keeps its own settings."""
    lm, engine = answering(lambda _: "Yes.", cache=True)
    model = DspyModel(lm)
    assert await model.reply(REQUEST) == await model.reply(REQUEST)
    assert len(engine.requests) == 2
    assert lm.cache is True


async def test_tools_schema_and_images() -> None:
    """Tools with their calls and results, a schema and an image reach DSPy in its own form."""
    lm, engine = answering(lambda _: "Yes.")
    image = {"type": "image_url", "image_url": {"url": "https://example.org/a.png"}}
    call = ToolCall(id="1", name="look", arguments='{"at": "x"}')
    turns = [
        {"role": "user", "content": [{"type": "text", "text": "See"}, image]},
        ChatMessage(role="assistant", content="", tool_calls=(call,)),
        ChatMessage(role="tool", content="found", answers="1"),
    ]
    await DspyModel(lm).reply(
        ModelRequest.model_validate(
            {
                "messages": turns,
                "tools": [Tool(name="look", description="Look.", parameters='{"type": "object"}')],
                "json_schema": '{"type": "object"}',
            }
        )
    )
    [sent] = engine.requests
    user, assistant, tool = sent.messages
    assert user.parts[1].url == "https://example.org/a.png"
    assert (assistant.parts[0].name, assistant.parts[0].input) == ("look", {"at": "x"})
    assert (tool.parts[0].id, tool.parts[0].content[0].text) == ("1", "found")
    assert (sent.tools[0].name, sent.config.response_format["schema"]) == ("look", {"type": "object"})


@pytest.mark.parametrize(
    ("raised", "cause", "retryable"),
    [
        (lm15.AuthError("no key"), "authentication", False),
        (lm15.ContextLengthError("too long"), "context_length", False),
        (lm15.RateLimitError("slow", retry_after=3), "rate_limit", True),
        (RuntimeError("bug"), "crash", False),
    ],
)
async def test_failures(raised: Exception, cause: str, retryable: bool) -> None:
    """Each failure of DSPy has its cause, and is not retried by DSPy."""

    def fail(_: str) -> str:
        raise raised

    lm, engine = answering(fail)
    with pytest.raises(ModelError) as caught:
        await DspyModel(lm).reply(REQUEST)
    assert (caught.value.cause, caught.value.retryable) == (cause, retryable)
    assert len(engine.requests) == 1
    assert caught.value.retry_after == (3 if cause == "rate_limit" else None)


async def test_options_are_refused() -> None:
    """An LM of DSPy gives no likelihoods of options."""
    lm, _ = answering(lambda _: "")
    with pytest.raises(ModelError, match="does not score options"):
        await DspyModel(lm).reply(ModelRequest(messages=REQUEST.messages, options=("a", "b")))


def test_identity() -> None:
    """Two LMs that may answer differently have two identities, and none holds a key."""
    lms = [
        dspy.LM("openai/m", api_key="sk-secret"),
        dspy.LM("openai/m", api_key="sk-other"),
        dspy.LM("openai/m", api_key="sk-secret", top_p=0.5),
        dspy.LM("openai/m", api_key="sk-secret", api_base="http://127.0.0.1:9/v1"),
    ]
    names = [DspyModel(lm).identity for lm in lms]
    assert names[0] == names[1]
    assert len(set(names)) == 3
    assert not any("secret" in name for name in names)


async def test_real_client() -> None:
    """An LM that talks to a server sends the request there, and its connections are closed."""
    async with serving() as endpoint:
        model = DspyModel(dspy.LM("openai/small", api_base=endpoint.url, api_key="none"))
        reply = await model.reply(REQUEST)
        await model.close()
    assert (reply.text, reply.prompt_tokens, reply.completion_tokens) == ("hello", 11, 3)
    [(body, _)] = endpoint.requests
    assert (body["model"], body["messages"][-1]["content"]) == ("small", "Hello?")


def test_provider() -> None:
    """A configuration can name a model as DSPy does."""
    model = build_model(ModelSettings(provider="dspy", model="openai/small"))
    assert model.identity.startswith("dspy:openai/small")
