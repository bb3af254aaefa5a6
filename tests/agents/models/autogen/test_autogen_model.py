"""AutoGenModel around AutoGen's own replay client."""

import asyncio
from typing import Any

import pytest
from autogen_core import FunctionCall
from autogen_core.models import AssistantMessage, CreateResult, RequestUsage, SystemMessage, UserMessage
from autogen_ext.models.replay import ReplayChatCompletionClient

from transfer_prompting.agents.models.autogen.model import AutoGenModel
from transfer_prompting.agents.models.base import ChatMessage, Model, ModelError, ModelRequest


def created(content: Any, reason: Any = "stop") -> CreateResult:
    """Return a client's result of 5 prompt and 2 completion tokens."""
    return CreateResult(
        finish_reason=reason,
        content=content,
        usage=RequestUsage(prompt_tokens=5, completion_tokens=2),
        cached=False,
    )


class StatusError(Exception):
    """Stands for the exception of a provider's library, which carries an HTTP status."""

    def __init__(self, status: int, code: str | None = None) -> None:
        super().__init__(f"status {status}")
        self.status_code = status
        self.code = code


class FailingClient(ReplayChatCompletionClient):  # type: ignore[misc]
    """A client whose calls end in a given exception."""

    def __init__(self, error: BaseException) -> None:
        super().__init__([])
        self._error = error

    async def create(self, *args: Any, **kwargs: Any) -> CreateResult:
        raise self._error


@pytest.mark.parametrize(
    ("reason", "finish"), [("stop", "stop"), ("length", "length"), ("content_filter", "content_filter")]
)
async def test_reply_carries_text_finish_and_counts(ask: Any, reason: str, finish: str) -> None:
    """Text, reason of the end and token counts are the client's."""
    model = AutoGenModel(ReplayChatCompletionClient([created("hello", reason)]), "replay")
    reply = await model.reply(ask())
    assert (reply.text, reply.finish) == ("hello", finish)
    assert (reply.prompt_tokens, reply.completion_tokens) == (5, 2)


async def test_roles_and_settings_reach_the_client() -> None:
    """Every role has its AutoGen message, and the settings go as extra arguments."""
    client = ReplayChatCompletionClient(["x"])
    roles: Any = ("system", "user", "assistant", "user")
    messages = tuple(ChatMessage(role=role, content=f"{n}") for n, role in enumerate(roles))
    await AutoGenModel(client, "replay").reply(
        ModelRequest(messages=messages, max_tokens=9, temperature=0.5, seed=4, stop=("#",))
    )
    call = client.create_calls[0]
    kinds = [SystemMessage, UserMessage, AssistantMessage, UserMessage]
    assert [type(message) for message in call["messages"]] == kinds
    assert call["extra_create_args"] == {"max_tokens": 9, "temperature": 0.5, "seed": 4, "stop": ["#"]}


@pytest.mark.parametrize(
    ("error", "cause", "retryable"),
    [
        (StatusError(401), "authentication", False),
        (StatusError(429), "rate_limit", True),
        (StatusError(429, "insufficient_quota"), "quota", False),
        (StatusError(500), "server_error", True),
        (StatusError(404), "not_found", False),
        (TimeoutError("late"), "timeout", True),
        (ConnectionResetError("gone"), "connection", True),
        (ValueError("No more mock responses available"), "bad_request", False),
    ],
)
async def test_exceptions_map_to_causes(ask: Any, error: Exception, cause: str, retryable: bool) -> None:
    """Whatever a client raises becomes a ModelError with a cause and the client's own words."""
    with pytest.raises(ModelError, match=str(error)) as caught:
        await AutoGenModel(FailingClient(error), "failing").reply(ask())
    assert (caught.value.cause, caught.value.retryable) == (cause, retryable)
    assert caught.value.__cause__ is error


async def test_model_error_of_a_client_passes_unchanged(ask: Any) -> None:
    """A client may itself raise a ModelError, which needs no translation."""
    error = ModelError("quota", "Spent.")
    with pytest.raises(ModelError) as caught:
        await AutoGenModel(FailingClient(error), "failing").reply(ask())
    assert caught.value is error


async def test_tool_calls_are_no_answer(ask: Any) -> None:
    """A result that holds tool calls instead of text is malformed."""
    result = created([FunctionCall(id="1", name="f", arguments="{}")], "function_calls")
    with pytest.raises(ModelError, match="tool calls") as caught:
        await AutoGenModel(ReplayChatCompletionClient([result]), "replay").reply(ask())
    assert caught.value.cause == "malformed_reply"


async def test_cancelling_reaches_the_client(ask: Any) -> None:
    """A cancelled request ends the client's call as well."""
    begun, ended = asyncio.Event(), asyncio.Event()

    class Hanging(ReplayChatCompletionClient):  # type: ignore[misc]
        async def create(self, *args: Any, **kwargs: Any) -> CreateResult:
            begun.set()
            try:
                await asyncio.Event().wait()
            finally:
                ended.set()
            raise AssertionError

    task = asyncio.create_task(AutoGenModel(Hanging([]), "hanging").reply(ask()))
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await ended.wait()


async def test_options_are_refused(ask: Any) -> None:
    """AutoGen's clients can't score given answers."""
    model = AutoGenModel(ReplayChatCompletionClient(["x"]), "replay")
    with pytest.raises(ModelError, match="does not score") as caught:
        await model.reply(ask(options=("a",)))
    assert caught.value.cause == "not_supported"
    assert not model.scores_options
    assert model.identity == "autogen:replay"
    assert isinstance(model, Model)


async def test_closing_closes_the_client() -> None:
    """The model owns its client."""
    closed = []

    class Noting(ReplayChatCompletionClient):  # type: ignore[misc]
        async def close(self) -> None:
            closed.append(True)

    await AutoGenModel(Noting([]), "noting").close()
    assert closed == [True]
