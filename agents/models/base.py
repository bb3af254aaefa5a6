"""The one seam between the project and whatever answers: a request, a reply, and a model with one method."""

from dataclasses import dataclass
from typing import Literal, Protocol, runtime_checkable

from pydantic import BaseModel, ConfigDict, Field

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
"""Why a request has no usable reply. `not_found` is a model that the endpoint does not have, `bad_request`
a request that it refuses, `context_length` one that is too long for it, `content_filter` one that it will
not answer, `malformed_reply` a reply that is empty, broken off or of an unknown shape, `crash` an error in
the model's own code, and `budget` a request that was never sent because it could not be paid. A reply that
ends at `max_tokens` is no failure: it is read like any other."""
FATAL: frozenset[FailureCause] = frozenset({"authentication", "quota", "not_found", "not_supported"})
"""Causes that no other request would escape: the run stops with the first."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


def _unset(value: object) -> bool:
    """Most requests know nothing of tools, and a log need not say so each time."""
    return not value


class Tool(_Frozen):
    """What a model may ask for instead of answering. `parameters` is the JSON Schema of its arguments."""

    name: str
    description: str
    parameters: str


class ToolCall(_Frozen):
    """A model asks for a tool to be used; `arguments` is JSON."""

    id: str
    name: str
    arguments: str


class ChatMessage(_Frozen):
    """One turn of the conversation sent to a model. A "tool" says what came of the call `answers`."""

    role: Literal["system", "user", "assistant", "tool"]
    content: str
    tool_calls: tuple[ToolCall, ...] = Field(default=(), exclude_if=_unset)
    answers: str = Field(default="", exclude_if=_unset)


class ModelRequest(_Frozen):
    """Everything that decides a model's reply, apart from the model itself.

    With `options` set, nothing is generated: the reply gives, for each option, the sum of the
    log-probabilities (natural log) of its tokens as the assistant's answer to `messages`. With a `lead` as
    well, such as "Answer:", an answer is generated, too, and the options are rated where they would stand in
    it, behind the lead; there they may be rated by their first tokens alone.
    """

    messages: tuple[ChatMessage, ...] = Field(min_length=1)
    max_tokens: int = Field(default=64, ge=1)
    temperature: float = Field(default=0.0, ge=0.0)
    seed: int | None = None
    stop: tuple[str, ...] = ()
    options: tuple[str, ...] | None = None
    lead: str | None = None
    json_schema: str | None = None
    """A JSON Schema, as JSON, that the reply's text must satisfy. A model that cannot see to it refuses."""
    tools: tuple[Tool, ...] = Field(default=(), exclude_if=_unset)
    """What the model may ask for; one that cannot use tools refuses."""
    sample: int = 0
    """Index of the sample when the same text is asked several times; part of the call's key."""


class ModelReply(_Frozen):
    """What came back. `text` is empty and `finish` is "scored" for a request with options and no lead.

    `option_logprobs` are None where no options were asked for, or where they could not be told from what a
    server says of an answer that it generated.

    With `tool_calls`, `finish` is "tool_calls", and `text` is what was said beside them, often nothing.
    """

    text: str
    finish: Finish
    prompt_tokens: int = Field(ge=0)
    completion_tokens: int = Field(ge=0)
    cached_tokens: int = Field(default=0, ge=0)
    """How many of the prompt's tokens the backend had in its prefix cache, as far as it tells."""
    option_logprobs: tuple[float, ...] | None = None
    tool_calls: tuple[ToolCall, ...] = Field(default=(), exclude_if=_unset)


class ModelError(TransferPromptingError):
    """A request that got no usable reply: an outcome of its own, never a score.

    `retryable` says whether the very same request may succeed later, and `retry_after` in how many seconds,
    if the backend said so. `advice` is what to do about it. `sent` is False where the backend has taken
    none of it on, True where some of the work was certainly done, and None where the cause has to tell.
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


@runtime_checkable
class Model(Protocol):
    """Whatever answers requests. The caller limits concurrency, keeps the journal and does the retries.

    `identity` names model, revision and endpoint: it enters the call's key, so two models that could
    answer differently must differ in it; it never holds a secret. `scores_options` says whether
    requests with `options` alone are answered, `rates_options` whether those with a `lead` are. `reply`
    raises `ModelError` and nothing else.
    """

    @property
    def identity(self) -> str: ...

    @property
    def scores_options(self) -> bool: ...

    @property
    def rates_options(self) -> bool: ...

    async def reply(self, request: ModelRequest) -> ModelReply: ...

    async def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class TokenCount:
    """What the reply to a request will say of its tokens, at most, whatever is sent to get it."""

    prompt: int
    completion: int
    exact: bool = False
    """Whether `prompt` is the very number, and not just one that cannot be exceeded."""


@runtime_checkable
class Counting(Protocol):
    """A model that can tell what a request will cost before it is sent."""

    def count(self, request: ModelRequest) -> TokenCount | None:
        """The tokens that the request can be billed for, at most, never fewer; None where it cannot tell.

        Asks nobody; the first call may load a tokenizer.
        """
        ...


@dataclass(frozen=True, slots=True)
class CacheCounters:
    """Tokens of prompts, since the backend was started: looked for in its prefix cache, and found there."""

    queries: int
    hits: int


@runtime_checkable
class CacheCounting(Protocol):
    """A model whose backend counts the hits of its prefix cache."""

    async def cache_counters(self) -> CacheCounters | None:
        """The counters as they stand; None where the backend does not tell. Raises nothing."""
        ...
