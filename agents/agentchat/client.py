"""A model of this project as a `ChatCompletionClient`, for anybody's AutoGen code."""

from abc import abstractmethod
from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Any

from autogen_core import CancellationToken
from autogen_core.models import ChatCompletionClient, CreateResult, LLMMessage, ModelInfo, RequestUsage
from pydantic import BaseModel

from ..models.autogen.messages import request_of, result_of
from ..models.base import Model, ModelReply, ModelRequest

_INFO = ModelInfo(
    vision=False,
    function_calling=True,
    json_output=False,
    family="unknown",
    structured_output=True,
    multiple_system_messages=True,
)
_WINDOW = 128_000
"""Tokens: nobody here knows a model's real limit; the model refuses what is too long for it."""


class RequestClient(ChatCompletionClient):
    """A client whose every call becomes one `ModelRequest`; a subclass says who replies."""

    component_config_schema = BaseModel

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
        """One reply. Raises ValueError for what a `ModelRequest` cannot hold, and what the model raises."""
        request = request_of(
            messages,
            tools=tools,
            tool_choice=tool_choice,
            json_output=json_output,
            arguments=extra_create_args,
        )
        reply = await self._reply(request)
        self._usage.prompt_tokens += reply.prompt_tokens
        self._usage.completion_tokens += reply.completion_tokens
        return result_of(reply)

    async def create_stream(
        self, messages: Sequence[LLMMessage], **options: Any
    ) -> AsyncGenerator[str | CreateResult, None]:
        """The whole reply at once: a journalled reply has no parts."""
        result = await self.create(messages, **options)
        if isinstance(result.content, str):
            yield result.content
        yield result

    async def close(self) -> None:
        """Nothing to release."""

    def actual_usage(self) -> RequestUsage:
        """Tokens so far."""
        return self._usage

    def total_usage(self) -> RequestUsage:
        """Tokens so far."""
        return self._usage

    def count_tokens(self, messages: Sequence[LLMMessage], *, tools: Sequence[Any] = ()) -> int:
        """About: four characters a token."""
        return sum(len(str(message.content)) for message in messages) // 4

    def remaining_tokens(self, messages: Sequence[LLMMessage], *, tools: Sequence[Any] = ()) -> int:
        """About: what is left of 128,000."""
        return _WINDOW - self.count_tokens(messages)

    @property
    def capabilities(self) -> Any:
        """AutoGen's older word for `model_info`."""
        return _INFO

    @property
    def model_info(self) -> ModelInfo:
        """Text and tools; what a model cannot do it refuses."""
        return _INFO


class ModelClient(RequestClient):
    """Any model of this project, such as `build_model(...)` makes, as a `ChatCompletionClient`."""

    def __init__(self, model: Model) -> None:
        super().__init__()
        self._model = model

    async def _reply(self, request: ModelRequest) -> ModelReply:
        return await self._model.reply(request)

    async def close(self) -> None:
        """Close the model."""
        await self._model.close()
