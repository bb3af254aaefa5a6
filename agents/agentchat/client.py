"""A model of this project as a `ChatCompletionClient`, for any AutoGen code."""

from abc import abstractmethod
from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Any, ClassVar

from autogen_core import CancellationToken
from autogen_core.models import ChatCompletionClient, CreateResult, LLMMessage, ModelInfo, RequestUsage
from pydantic import BaseModel

from ..models.autogen.messages import to_create_result, to_model_request
from ..models.base import Model, ModelReply, ModelRequest

_INFO = ModelInfo(
    vision=True,
    function_calling=True,
    json_output=False,
    family="unknown",
    structured_output=True,
    multiple_system_messages=True,
)
_CONTEXT_TOKENS = 128_000
"""Assumed context length. The real one is not known, and the model refuses requests beyond it."""


class RequestClient(ChatCompletionClient):
    """A client that turns every call into one `ModelRequest`, which a subclass answers in `_reply`."""

    component_config_schema = BaseModel
    defaults: ClassVar[Mapping[str, Any]] = {"max_tokens": 1024}
    """Arguments of calls that do not set them, named as by OpenAI."""

    def __init__(self) -> None:
        self._usage = RequestUsage(0, 0)

    @abstractmethod
    async def _reply(self, request: ModelRequest) -> ModelReply: ...

    async def create(
        self,
        messages: Sequence[LLMMessage],
        *,
        tools: Sequence[Any] = (),
        tool_choice: Any = "auto",
        json_output: bool | type[BaseModel] | None = None,
        extra_create_args: Mapping[str, Any] = {},
        cancellation_token: CancellationToken | None = None,
    ) -> CreateResult:
        """Return one reply. Raises ValueError for arguments that a `ModelRequest` cannot hold.

        Raises the model's own errors, too.
        """
        request = to_model_request(
            messages,
            tools=tools,
            tool_choice=tool_choice,
            json_output=json_output,
            arguments={**self.defaults, **extra_create_args},
        )
        reply = await self._reply(request)
        self._usage.prompt_tokens += reply.prompt_tokens
        self._usage.completion_tokens += reply.completion_tokens
        return to_create_result(reply)

    async def create_stream(
        self, messages: Sequence[LLMMessage], **options: Any
    ) -> AsyncGenerator[str | CreateResult, None]:
        """Yield the whole reply in one piece, because a journalled reply has no parts."""
        result = await self.create(messages, **options)
        if isinstance(result.content, str):
            yield result.content
        yield result

    async def close(self) -> None:
        """Do nothing: there is nothing to release."""

    def actual_usage(self) -> RequestUsage:
        """Return the tokens used so far."""
        return self._usage

    def total_usage(self) -> RequestUsage:
        """Return the tokens used so far."""
        return self._usage

    def count_tokens(self, messages: Sequence[LLMMessage], *, tools: Sequence[Any] = ()) -> int:
        """Return an estimate of four characters per token."""
        return sum(len(str(message.content)) for message in messages) // 4

    def remaining_tokens(self, messages: Sequence[LLMMessage], *, tools: Sequence[Any] = ()) -> int:
        """Return an estimate of the tokens left of an assumed context of 128,000."""
        return _CONTEXT_TOKENS - self.count_tokens(messages)

    @property
    def capabilities(self) -> Any:
        """The same as `model_info`, under AutoGen's older name."""
        return _INFO

    @property
    def model_info(self) -> ModelInfo:
        """Claims text, images and tools. A model that lacks a capability refuses the request."""
        return _INFO


class ModelClient(RequestClient):
    """Any model of this project, for example from `build_model`, as a `ChatCompletionClient`."""

    def __init__(self, model: Model) -> None:
        super().__init__()
        self._model = model

    async def _reply(self, request: ModelRequest) -> ModelReply:
        return await self._model.reply(request)

    async def close(self) -> None:
        """Close the model."""
        await self._model.close()
