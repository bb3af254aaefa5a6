"""Answers of a winner to new rows: asked concurrently, and retried, as a run asks."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass

from ...agents.models.base import FATAL, ModelReply
from ...agents.roles.scoring_reply import answered_by
from ...prompts.errors import TaskError
from ...prompts.task import Example
from ..calls.retry import Failed
from .asking import Asking
from .winner import Winner


@dataclass(frozen=True, slots=True)
class NewAnswer:
    """What the model answered to one row, or why there is no answer."""

    output: str = ""
    """The whole reply."""
    answer: str | None = None
    """The answer in canonical form; None if the reply holds none that can be read."""
    confidence: float | None = None
    """In [0, 1]; None if none was stated."""
    cut: bool = False
    """True if the reply was cut off at its token limit."""
    error: str = ""
    """Reason why there is no reply; "" if there is one."""
    prompt_tokens: int = 0
    completion_tokens: int = 0


async def answers(
    winner: Winner, asking: Asking, examples: Sequence[Example | str]
) -> AsyncGenerator[NewAnswer]:
    """Yield the answer to each row, in order; a text instead of an example is the error of its row.

    As many requests are under way as there are slots. After a failure that every other request would
    meet, too, nothing more is sent, and the remaining rows have that error.
    """
    halted: list[str] = []

    async def answer(example: Example | str) -> NewAnswer:
        if isinstance(example, str) or halted:
            return NewAnswer(error=example if isinstance(example, str) else f"Not asked: {halted[0]}")
        try:
            request = winner.request(example)
        except (TaskError, ValueError) as error:
            return NewAnswer(error=str(error))
        result = await asking.ask(request)
        if isinstance(result, Failed):
            if result.cause in FATAL:
                halted.append(result.error)
            return NewAnswer(error=result.error)
        return _read(winner, example, result.reply)

    waiting: list[asyncio.Task[NewAnswer]] = []
    slots = asyncio.Semaphore(asking.slots)

    async def in_slot(example: Example | str) -> NewAnswer:
        async with slots:
            return await answer(example)

    try:
        for example in examples:
            waiting.append(asyncio.ensure_future(in_slot(example)))
            # A slow row holds up the rows after it in the output, but not their requests.
            if len(waiting) >= 4 * asking.slots:
                yield await waiting.pop(0)
        while waiting:
            yield await waiting.pop(0)
    finally:
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)


def _read(winner: Winner, example: Example, reply: ModelReply) -> NewAnswer:
    """Return the answer in a reply, as the scorer reads it."""
    found = answered_by(winner.settings, winner.task, example, reply)
    reading, output = found.reading, found.output
    return NewAnswer(output.text, reading.answer, reading.confidence, output.cut, "", *found.tokens)
