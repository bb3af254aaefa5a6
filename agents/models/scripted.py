"""A model whose replies come from a plain function, for tests and simulations."""

import asyncio
from collections.abc import Callable

from .base import ModelError, ModelReply, ModelRequest

AnswerFunction = Callable[[ModelRequest], ModelReply | str | ModelError]


class ScriptedModel:
    """Answers every request by calling `answer`, without randomness and without a clock.

    `answer` may return a whole reply, a text, whose words are counted as tokens, or a `ModelError`, which is
    raised; it may also raise one. `delay` returns the seconds to wait before `answer` is called for a
    request. `calls` is the number of requests begun.
    """

    def __init__(
        self,
        answer: AnswerFunction,
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
        """The name given to the model."""
        return self._identity

    @property
    def scores_options(self) -> bool:
        """True unless switched off."""
        return self._scores_options

    @property
    def rates_options(self) -> bool:
        """The same as `scores_options`."""
        return self._scores_options

    async def reply(self, request: ModelRequest) -> ModelReply:
        """Return the reply of `answer`, or raise the `ModelError` that it returned or raised."""
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
        """Do nothing: there is nothing to release."""


def _reply_with(text: str, request: ModelRequest) -> ModelReply:
    return ModelReply(
        text=text,
        finish="stop",
        prompt_tokens=sum(len(message.text.split()) for message in request.messages),
        completion_tokens=len(text.split()),
    )
