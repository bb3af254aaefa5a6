"""A `dspy.LM` whose replies come from a function, by DSPy's own way to bring a model along."""

from collections.abc import Callable
from typing import Any

import dspy
from dspy import lm15


class Engine:
    """Answers requests of DSPy by a function of their text, and counts them."""

    def __init__(self, answer: Callable[[str], str]) -> None:
        self._answer = answer
        self.requests: list[Any] = []

    def complete(self, request: Any) -> Any:
        self.requests.append(request)
        turns = [request.system or "", *(message.text or "" for message in request.messages)]
        return lm15.Response(
            id=None,
            model=request.model,
            message=lm15.Message.assistant(self._answer("\n".join(turns))),
            finish_reason="stop",
            usage=lm15.Usage(input_tokens=20, output_tokens=5),
        )


class AwaitedEngine:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def complete(self, request: Any) -> Any:
        return self._engine.complete(request)


def answering(answer: Callable[[str], str], **settings: Any) -> tuple[Any, Engine]:
    """Return an LM and its engine."""
    engine = Engine(answer)
    lm = dspy.LM("own/small", engine=engine, async_engine=AwaitedEngine(engine), **settings)
    return lm, engine
