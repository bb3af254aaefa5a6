"""Executions of DSPy modules on one row, with the requests that they have sent."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from transfer_prompting.agents.models.base import ModelReply, ModelRequest
from transfer_prompting.agents.programs.execution import execute
from transfer_prompting.agents.programs.loop import ProgramLoop
from transfer_prompting.agents.programs.request import Executed, Execution

Answer = Callable[[ModelRequest], Awaitable[str]]


def fields(**values: str) -> str:
    """Return the reply in which DSPy finds these fields."""
    found = "\n\n".join(f"[[ ## {name} ## ]]\n{value}" for name, value in values.items())
    return f"{found}\n\n[[ ## completed ## ]]"


def reply(text: str) -> ModelReply:
    return ModelReply(text=text, finish="stop", prompt_tokens=3, completion_tokens=2)


def always(**values: str) -> Answer:
    """Return a model that gives the same fields to every request."""

    async def answer(_: ModelRequest) -> str:
        return fields(**values)

    return answer


@dataclass
class Executions:
    """Runs programs in a loop of their own, as a run does, and keeps what they ask."""

    loop: ProgramLoop
    requests: list[ModelRequest] = field(default_factory=list)

    async def run(
        self, program: Any, row: Mapping[str, Any], answer: Answer, prompts: Mapping[str, str] | None = None
    ) -> Executed:
        """Return what a program gives for a row; `prompts` are by default its own."""

        async def send(role: str, about: str, request: ModelRequest) -> ModelReply:
            assert role == "scorer"
            self.requests.append(request)
            await asyncio.sleep(0)
            return reply(await answer(request))

        texts = dict(program.texts if prompts is None else prompts)
        return await execute(program, Execution("task", "1", row, texts, 100), send, self.loop, seconds=20)

    @property
    def systems(self) -> list[str]:
        """The first turn of each request."""
        return [request.messages[0].text for request in self.requests]


@asynccontextmanager
async def executions() -> AsyncIterator[Executions]:
    """Yield a place to run programs in."""
    loop = ProgramLoop()
    try:
        yield Executions(loop)
    finally:
        await loop.close()
