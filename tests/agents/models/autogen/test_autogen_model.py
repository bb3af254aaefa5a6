"""AutoGenModel with AutoGen's own replay client."""

import asyncio
from typing import Any

import pytest
from autogen_core import FunctionCall, Image
from autogen_core.models import AssistantMessage, CreateResult, RequestUsage, SystemMessage, UserMessage
from autogen_ext.models.replay import ReplayChatCompletionClient
from PIL import Image as Picture

from transfer_prompting.agents.models.autogen.model import AutoGenModel
from transfer_prompting.agents.models.base import ChatMessage, Model, ModelError, ModelRequest
from transfer_prompting.prompts.content_parts import ImagePart, ImageUrl, TextPart


def created(content: Any, reason: Any = "stop") -> CreateResult:
    """Return a client's result with 5 prompt and 2 completion tokens."""
    return CreateResult(
        finish_reason=reason,
        content=content,
        usage=RequestUsage(prompt_tokens=5, completion_tokens=2),
        cached=False,
    )


class StatusError(Exception):
    """An exception like those of providers' libraries, which carry an HTTP status."""

    def __init__(self, status: int, code: str | None = None) -> None:
        super().__init__(f"status {status}")
        self.status_code = status
        self.code = code


class FailingClient(ReplayChatCompletionClient):  # type: ignore[misc]
    """A client whose calls raise a given exception."""

    def __init__(self, error: BaseException) -> None:
        super().__init__([])
        self._error = error

    async def create(self, *args: Any, **kwargs: Any) -> CreateResult:
        raise self._error


@pytest.mark.parametrize(
    ("reason", "finish"), [("stop", "stop"), ("length", "length"), ("content_filter", "content_filter")]
)
async def test_reply_carries_text_finish_and_counts(ask: Any, reason: str, finish: str) -> None:
    """Text, finish reason and token counts come from the client's result."""
    model = AutoGenModel(ReplayChatCompletionClient([created("hello", reason)]), "replay")
    reply = await model.reply(ask())
    assert (reply.text, reply.finish) == ("hello", finish)
    assert (reply.prompt_tokens, reply.completion_tokens) == (5, 2)


async def test_images_reach_the_client_if_it_can_hold_them() -> None:
    """AutoGen takes pictures themselves; an address, which it would have to open, is refused with a mend."""
    pictures = Picture.new("RGB", (2, 1)), Picture.new("L", (1, 1))
    shown = tuple(ImagePart(image_url=ImageUrl(url=Image(picture).data_uri)) for picture in pictures)
    client = ReplayChatCompletionClient(["x"])
    parts = (shown[0], TextPart(text="Which is red?"), shown[1])
    await AutoGenModel(client, "replay").reply(
        ModelRequest(messages=(ChatMessage(role="user", content=parts),))
    )
    [message] = client.create_calls[0]["messages"]
    assert [type(part) for part in message.content] == [Image, str, Image]
    for url in ("https://example.org/a.png", "data:image/webp;base64,AAAA", "data:image/png;base64,AAAA"):
        part = ImagePart(image_url=ImageUrl(url=url))
        with pytest.raises(ModelError, match="AutoGen cannot hold") as refused:
            await AutoGenModel(client, "replay").reply(
                ModelRequest(messages=(ChatMessage(role="user", content=(part,)),))
            )
        assert (refused.value.cause, refused.value.retryable) == ("not_supported", False)


async def test_roles_and_settings_reach_the_client() -> None:
    """Every role becomes its AutoGen message, and the settings become extra arguments."""
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
    """Every exception of a client becomes a ModelError with a cause and the exception's text."""
    with pytest.raises(ModelError, match=str(error)) as caught:
        await AutoGenModel(FailingClient(error), "failing").reply(ask())
    assert (caught.value.cause, caught.value.retryable) == (cause, retryable)
    assert caught.value.__cause__ is error


async def test_model_error_of_a_client_passes_unchanged(ask: Any) -> None:
    """A ModelError that a client raises is not translated."""
    error = ModelError("quota", "Spent.")
    with pytest.raises(ModelError) as caught:
        await AutoGenModel(FailingClient(error), "failing").reply(ask())
    assert caught.value is error


async def test_unrequested_tool_calls_are_malformed(ask: Any) -> None:
    """A result with tool calls is malformed if the request has no tools."""
    result = created([FunctionCall(id="1", name="f", arguments="{}")], "function_calls")
    with pytest.raises(ModelError, match="tool calls") as caught:
        await AutoGenModel(ReplayChatCompletionClient([result]), "replay").reply(ask())
    assert caught.value.cause == "malformed_reply"


async def test_cancelling_reaches_the_client(ask: Any) -> None:
    """Cancelling a request cancels the client's call."""
    begun, ended = asyncio.Event(), asyncio.Event()

    class HangingClient(ReplayChatCompletionClient):  # type: ignore[misc]
        async def create(self, *args: Any, **kwargs: Any) -> CreateResult:
            begun.set()
            try:
                await asyncio.Event().wait()
            finally:
                ended.set()
            raise AssertionError

    task = asyncio.create_task(AutoGenModel(HangingClient([]), "hanging").reply(ask()))
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await ended.wait()


async def test_options_are_refused(ask: Any) -> None:
    """AutoGen's clients cannot score given answers."""
    model = AutoGenModel(ReplayChatCompletionClient(["x"]), "replay")
    with pytest.raises(ModelError, match="does not score") as caught:
        await model.reply(ask(options=("a",)))
    assert caught.value.cause == "not_supported"
    assert not model.scores_options
    assert model.identity == "autogen:replay"
    assert isinstance(model, Model)


async def test_closing_closes_the_client() -> None:
    """The model closes the client that it was given."""
    closed = []

    class ClosingClient(ReplayChatCompletionClient):  # type: ignore[misc]
        async def close(self) -> None:
            closed.append(True)

    await AutoGenModel(ClosingClient([]), "closing").close()
    assert closed == [True]
