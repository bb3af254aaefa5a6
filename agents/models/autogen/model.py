"""Any chat completion client of AutoGen as a model."""

import asyncio
from typing import TYPE_CHECKING, Any

from ..base import FailureCause, ModelError, ModelReply, ModelRequest
from ..openai.errors import cause_of_status

if TYPE_CHECKING:
    from autogen_core.models import ChatCompletionClient

_RETRYABLE = frozenset({"rate_limit", "timeout", "connection", "server_error"})


class AutoGenModel:
    """Sends each request through `client.create`. Options are not scored.

    `name` identifies client and model in the call's key, so it must differ if answers could differ.
    """

    scores_options = False
    rates_options = False

    def __init__(self, client: "ChatCompletionClient", name: str) -> None:
        self._client = client
        self._name = name

    @property
    def identity(self) -> str:
        """Provider and the client's name."""
        return f"autogen:{self._name}"

    async def reply(self, request: ModelRequest) -> ModelReply:
        """Return the client's result. Raises `ModelError` for every failure of the client."""
        if request.options is not None:
            raise ModelError("not_supported", f"AutoGen client {self._name} does not score options.")
        if request.json_schema is not None:
            raise ModelError("not_supported", f"AutoGen client {self._name} is not asked for JSON schemas.")
        from .messages import to_autogen_messages, to_autogen_tools, to_model_reply

        created: asyncio.Future[Any] = asyncio.ensure_future(
            self._client.create(
                to_autogen_messages(request),
                tools=to_autogen_tools(request),
                extra_create_args=_arguments(request),
            )
        )
        try:
            await asyncio.wait([created])
        finally:
            # Ends the client's call if this call is cancelled. A finished call is not affected.
            created.cancel()
        error = created.exception()
        if error is not None:
            raise _as_model_error(error, self._name) from error
        reply = to_model_reply(created.result())
        if reply.tool_calls and not request.tools:
            raise ModelError("malformed_reply", "The client returned tool calls instead of text.")
        return reply

    async def close(self) -> None:
        """Close the client."""
        await self._client.close()


def _arguments(request: ModelRequest) -> dict[str, Any]:
    arguments: dict[str, Any] = {"max_tokens": request.max_tokens, "temperature": request.temperature}
    if request.seed is not None:
        arguments["seed"] = request.seed
    if request.stop:
        arguments["stop"] = list(request.stop)
    return arguments


def _as_model_error(error: BaseException, name: str) -> ModelError:
    if isinstance(error, ModelError):
        return error
    cause = _cause(error)
    return ModelError(
        cause,
        f"AutoGen client {name} failed ({type(error).__name__}): {error}",
        retryable=cause in _RETRYABLE,
        advice="Check the client that [models.NAME] names.",
    )


def _cause(error: BaseException) -> FailureCause:
    # Clients wrap many providers, whose exceptions share only the HTTP status that they carry.
    status = getattr(error, "status_code", None)
    if isinstance(status, int):
        return cause_of_status(status, out_of_quota=getattr(error, "code", None) == "insufficient_quota")
    if isinstance(error, TimeoutError) or "Timeout" in type(error).__name__:
        return "timeout"
    if isinstance(error, OSError) or "Connection" in type(error).__name__:
        return "connection"
    return "bad_request"
