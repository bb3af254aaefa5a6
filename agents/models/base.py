"""The interface between the project and its models: requests, replies, errors and the model protocol."""

from dataclasses import dataclass
from typing import Literal, Protocol, runtime_checkable

from pydantic import BaseModel, ConfigDict, Field

from ...prompts.content_parts import Content, ImageUrl, images_of, text_of
from ...storage.errors import TransferPromptingError

Finish = Literal["stop", "length", "content_filter", "scored", "tool_calls"]
FailureCause = Literal[
    "authentication",
    "quota",
    "rate_limit",
    "timeout",
    "connection",
    "server_error",
    "bad_request",
    "not_found",
    "context_length",
    "content_filter",
    "malformed_reply",
    "out_of_memory",
    "not_supported",
    "crash",
    "budget",
]
"""Why a request has no usable reply.

`not_found`: the endpoint does not have the model. `bad_request`: it rejects the request. `context_length`:
the request is too long. `content_filter`: the endpoint will not answer it. `malformed_reply`: the reply is
empty, broken off or of an unknown shape. `crash`: an error in the model's own code. `budget`: the request
was never sent because the budget could not pay for it. A reply that ends at `max_tokens` is not a failure."""
FATAL: frozenset[FailureCause] = frozenset({"authentication", "quota", "not_found", "not_supported"})
"""Causes that every other request would meet, too: the first one stops the run."""


class _FrozenRecord(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


def _is_empty(value: object) -> bool:
    """Return True for an empty field, which is left out of the log: most requests have no tools."""
    return not value


class Tool(_FrozenRecord):
    """A tool that a model may call instead of answering. `parameters` is the JSON Schema of its arguments."""

    name: str
    description: str
    parameters: str


class ToolCall(_FrozenRecord):
    """A model's call of a tool. `arguments` is JSON."""

    id: str
    name: str
    arguments: str


class ChatMessage(_FrozenRecord):
    """One turn of the conversation. The role "tool" gives the result of the call whose id is `answers`."""

    role: Literal["system", "user", "assistant", "tool"]
    content: Content
    """A text, or parts that are texts and images. A model that cannot see images refuses them."""
    tool_calls: tuple[ToolCall, ...] = Field(default=(), exclude_if=_is_empty)
    answers: str = Field(default="", exclude_if=_is_empty)

    @property
    def text(self) -> str:
        """The content as text. An image is named and never quoted."""
        return text_of(self.content)


class ModelRequest(_FrozenRecord):
    """Everything that decides a model's reply, apart from the model itself.

    With `options`, nothing is generated: the reply gives, for each option, the sum of the log-probabilities
    (natural log) of its tokens as the assistant's answer to `messages`. With `options` and a `lead`, such as
    "Answer:", an answer is generated as well, and each option is rated as the continuation of the lead,
    possibly by its first token alone.
    """

    messages: tuple[ChatMessage, ...] = Field(min_length=1)
    max_tokens: int = Field(default=64, ge=1)
    temperature: float = Field(default=0.0, ge=0.0)
    seed: int | None = None
    stop: tuple[str, ...] = ()
    options: tuple[str, ...] | None = None
    lead: str | None = None
    json_schema: str | None = None
    """A JSON Schema, as JSON, that the reply's text is to satisfy. A model that cannot ensure it refuses; a
    server that refuses it is asked without it."""
    tools: tuple[Tool, ...] = Field(default=(), exclude_if=_is_empty)
    """Tools that the model may call. A model that cannot use tools refuses."""
    sample: int = 0
    """Index of the sample if the same request is sent several times; part of the call's key."""

    @property
    def images(self) -> tuple[ImageUrl, ...]:
        """The images of all turns."""
        return tuple(image for message in self.messages for image in images_of(message.content))


class ModelReply(_FrozenRecord):
    """A model's reply. For a request with options and no lead, `text` is empty and `finish` is "scored".

    `option_logprobs` is None if the request has no options, or if the log-probabilities that a server
    reports for its answer do not rate them. With `tool_calls`, `finish` is "tool_calls", and `text` holds
    the words that accompany the calls, often none.
    """

    text: str
    finish: Finish
    prompt_tokens: int = Field(ge=0)
    completion_tokens: int = Field(ge=0)
    cached_tokens: int = Field(default=0, ge=0)
    """Number of prompt tokens found in the backend's prefix cache; 0 if it does not report them."""
    option_logprobs: tuple[float, ...] | None = None
    tool_calls: tuple[ToolCall, ...] = Field(default=(), exclude_if=_is_empty)


class ModelError(TransferPromptingError):
    """A request that got no usable reply: an outcome of its own, never a score.

    `retryable` says whether the same request may succeed later, and `retry_after` after how many seconds, if
    the backend said so. `advice` says how to fix the cause. `sent` is False if the backend did none of the
    work, True if it certainly did some, and None if only the cause can tell.
    """

    def __init__(
        self,
        cause: FailureCause,
        message: str,
        *,
        retryable: bool = False,
        retry_after: float | None = None,
        advice: str = "",
        sent: bool | None = None,
    ) -> None:
        super().__init__(f"{message} {advice}".strip())
        self.cause: FailureCause = cause
        self.message = message
        self.retryable = retryable
        self.retry_after = retry_after
        self.advice = advice
        self.sent = sent


def refuse_images(request: ModelRequest, who: str) -> None:
    """Raise `ModelError` ("not_supported") if the request holds images, which `who` cannot see."""
    if request.images:
        raise ModelError(
            "not_supported",
            f"{who} cannot see images, and the request holds {len(request.images)}.",
            advice='Use a model behind an endpoint that can (provider "openai"), or leave the images out.',
        )


@runtime_checkable
class Model(Protocol):
    """A model that answers requests. The caller limits concurrency, journals the calls and retries them."""

    @property
    def identity(self) -> str:
        """Name of model, revision and endpoint, without secrets.

        It enters the call's key, so two models that could answer differently must differ in it.
        """
        ...

    @property
    def scores_options(self) -> bool:
        """True if the model answers requests with `options` and no `lead`."""
        ...

    @property
    def rates_options(self) -> bool:
        """True if the model answers requests with `options` and a `lead`."""
        ...

    async def reply(self, request: ModelRequest) -> ModelReply:
        """Return the reply to a request. Raises `ModelError` and nothing else."""
        ...

    async def close(self) -> None:
        """Release connections, threads and weights."""
        ...


@dataclass(frozen=True, slots=True)
class TokenCount:
    """Upper bounds on the tokens of a request's reply, summed over all that is sent to get it."""

    prompt: int
    completion: int
    exact: bool = False
    """True if `prompt` is the exact number and not only an upper bound."""


@runtime_checkable
class Counting(Protocol):
    """A model that can bound the tokens of a request before it is sent."""

    def count(self, request: ModelRequest) -> TokenCount | None:
        """Return an upper bound on the tokens billed for the request; None if the model cannot tell.

        Sends nothing. The first call may load a tokenizer.
        """
        ...


@dataclass(frozen=True, slots=True)
class CacheCounters:
    """Prompt tokens that the backend looked up in its prefix cache, and found there, since it was started."""

    queries: int
    hits: int


@runtime_checkable
class CacheCounting(Protocol):
    """A model whose backend counts the hits of its prefix cache."""

    async def cache_counters(self) -> CacheCounters | None:
        """Return the current counters; None if the backend does not report them. Raises nothing."""
        ...
