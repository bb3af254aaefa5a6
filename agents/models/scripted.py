"""A model whose replies a plain function makes: for tests and simulations."""

import asyncio
from collections.abc import Callable

from .base import ModelError, ModelReply, ModelRequest

Answer = Callable[[ModelRequest], ModelReply | str | ModelError]


class ScriptedModel:
    """Answers every request by calling `answer`, without any randomness or clock of its own.

    `answer` may return a whole reply, a text (its tokens are then counted as words between blanks),
    or a `ModelError`, which is raised. It may also raise one. `delay` gives, for a request, the
    seconds to wait before `answer` is called. `calls` counts the requests begun.
    """

    def __init__(
        self,
        answer: Answer,
        identity: str = "scripted",
        scores_options: bool = True,
        delay: Callable[[ModelRequest], float] | None = None,
    ) -> None:
        self._answer = answer
        self._identity = identity
        self._scores_options = scores_options
        self._delay = delay
        self.calls = 0

    @property
    def identity(self) -> str:
        return self._identity

    @property
    def scores_options(self) -> bool:
        return self._scores_options

    @property
    def rates_options(self) -> bool:
        return self._scores_options

    async def reply(self, request: ModelRequest) -> ModelReply:
        """Return what `answer` made of the request; raise the `ModelError` it returned or raised."""
        if request.options is not None and not self._scores_options:
            raise ModelError("not_supported", f"Model {self._identity} does not score options.")
        self.calls += 1
        if self._delay is not None:
            await asyncio.sleep(self._delay(request))
        answer = self._answer(request)
        if isinstance(answer, ModelError):
            raise answer
        return _reply_with(answer, request) if isinstance(answer, str) else answer

    async def close(self) -> None:
        """Nothing to release."""


def _reply_with(text: str, request: ModelRequest) -> ModelReply:
    return ModelReply(
        text=text,
        finish="stop",
        prompt_tokens=sum(len(message.content.split()) for message in request.messages),
        completion_tokens=len(text.split()),
    )
