"""A `dspy.LM` as a model."""

import json
from hashlib import sha256
from typing import Any

import dspy
from dspy import lm15
from dspy.utils import exceptions

from .base import ChatMessage, FailureCause, Finish, ModelError, ModelReply, ModelRequest, ToolCall
from .base import Tool as OwnTool

_SECRET = ("api_", "headers", "extra_headers", "azure_ad_token_provider")
_FINISH: dict[str, Finish] = {
    "stop": "stop",
    "length": "length",
    "content_filter": "content_filter",
    "tool_call": "tool_calls",
}
_CAUSES: tuple[tuple[type[Exception], FailureCause], ...] = (
    (exceptions.ContextWindowExceededError, "context_length"),
    (exceptions.LMAuthError, "authentication"),
    (exceptions.LMNotConfiguredError, "authentication"),
    (exceptions.LMBillingError, "quota"),
    (exceptions.LMRateLimitError, "rate_limit"),
    (exceptions.LMUnsupportedModelError, "not_found"),
    (exceptions.LMInvalidRequestError, "bad_request"),
    (exceptions.LMTimeoutError, "timeout"),
    (exceptions.LMTransportError, "connection"),
    (exceptions.LMUnsupportedFeatureError, "not_supported"),
    (exceptions.LMConfigurationError, "not_supported"),
    (exceptions.LMProviderError, "server_error"),
)
"""Errors of DSPy, special ones before general ones -> cause."""
_RETRYABLE = frozenset({"rate_limit", "timeout", "connection", "server_error"})


class DspyModel:
    """Sends each request through a `dspy.LM`, without its cache and its retries. Options are not scored."""

    scores_options = False
    rates_options = False

    def __init__(self, lm: Any) -> None:
        self._lm = lm.copy(cache=False, num_retries=0)

    @property
    def identity(self) -> str:
        """Name of the model with its address and a digest of its other settings, without secrets."""
        settings = {
            name: value
            for name, value in self._lm.kwargs.items()
            if value is not None and not name.startswith(_SECRET)
        }
        digest = sha256(json.dumps(settings, sort_keys=True, default=repr).encode()).hexdigest()[:8]
        place = self._lm.kwargs.get("api_base") or self._lm.kwargs.get("base_url")
        return f"dspy:{self._lm.model}{f'@{place}' if place else ''}#{digest}"

    async def reply(self, request: ModelRequest) -> ModelReply:
        """Return the reply of the LM. Raises `ModelError` for every failure."""
        if request.options is not None:
            raise ModelError("not_supported", f"{self._lm.model} does not score options.")
        try:
            return _reply(await self._lm.acall(self._request(request)))
        except Exception as error:
            raise _failure(error, self._lm.model) from error

    async def close(self) -> None:
        """Close the connections of this event loop; the LM itself stays usable."""
        if hasattr(self._lm, "aclose"):
            await self._lm.aclose()

    def _request(self, request: ModelRequest) -> Any:
        turns = [_turn(message) for message in request.messages if message.role != "system"]
        system = "\n\n".join(message.text for message in request.messages if message.role == "system")
        return lm15.Request(
            model=self._lm.model,
            messages=tuple(turns),
            system=system or None,
            tools=tuple(_tool(tool) for tool in request.tools),
            config=lm15.Config(
                max_tokens=request.max_tokens,
                # Models that reason take no temperature; DSPy names the limit of their replies differently.
                temperature=None if "max_completion_tokens" in self._lm.kwargs else request.temperature,
                stop=request.stop,
                seed=request.seed,
                response_format=_form(request.json_schema),
            ),
        )


def _turn(message: ChatMessage) -> Any:
    if message.role == "tool":
        return lm15.Message.tool(message.answers, message.text)
    if isinstance(message.content, str):
        said = [lm15.TextPart(message.content)] if message.content else []
    else:
        said = [
            lm15.TextPart(part.text) if part.type == "text" else _image(part.image_url.url)
            for part in message.content
        ]
    calls = [lm15.ToolCallPart(call.id, call.name, json.loads(call.arguments)) for call in message.tool_calls]
    return lm15.Message(role=message.role, parts=(*said, *calls))


def _image(url: str) -> Any:
    if not url.startswith("data:"):
        return lm15.ImagePart(url=url)
    kind, _, data = url.removeprefix("data:").partition(";base64,")
    return lm15.ImagePart(media_type=kind, data=data)


def _tool(tool: OwnTool) -> Any:
    return lm15.FunctionTool(tool.name, tool.description, json.loads(tool.parameters))


def _form(schema: str | None) -> Any:
    return None if schema is None else {"type": "json_schema", "name": "reply", "schema": json.loads(schema)}


def _reply(response: Any) -> ModelReply:
    texts = [part.text for part in response.message.parts_of(lm15.TextPart)]
    usage = response.usage
    return ModelReply(
        text="\n".join(texts),
        finish=_FINISH.get(response.finish_reason, "stop"),
        prompt_tokens=usage.input_tokens or 0,
        completion_tokens=usage.output_tokens or 0,
        cached_tokens=usage.cache_read_tokens or 0,
        tool_calls=tuple(
            ToolCall(id=part.id, name=part.name, arguments=json.dumps(part.input))
            for part in response.message.parts_of(lm15.ToolCallPart)
        ),
    )


def _failure(error: Exception, model: str) -> ModelError:
    causes: list[FailureCause] = [cause for kind, cause in _CAUSES if isinstance(error, kind)]
    cause = causes[0] if causes else "crash"
    return ModelError(
        cause,
        f"dspy.LM {model!r} failed ({type(error).__name__}): {error}",
        retryable=cause in _RETRYABLE,
        retry_after=getattr(error, "retry_after", None),
    )


def make_lm(model: str) -> Any:
    """Return the LM of a name such as "anthropic/claude-haiku-4-5". DSPy finds its key in the environment."""
    return dspy.LM(model)
