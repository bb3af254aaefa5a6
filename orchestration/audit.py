"""Ask a model about each example of a task whether its right answer looks wrong, outside of any run."""

import asyncio
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass

from ..agents.models.base import FATAL, ChatMessage, ModelError, ModelRequest
from ..agents.models.tariff import Cost
from ..agents.operators.showing import ShownExample, input_text, right_answers
from ..prompts.reading.doubts import read_doubts
from ..prompts.rendering import render
from ..prompts.task import Example, Task
from .calls.model_pool import PooledModel
from .calls.retry import Failed, ask, pay_nothing
from .projections.doubtful_golds import DoubtfulGold

_OTHERS = 3
"""Number of other examples shown with each: they say what the answers mean."""
_LONGEST, _OTHER = 4000, 300
"""Most characters of the input that is checked, and of another one."""

_Checked = tuple[DoubtfulGold | None, Cost, bool]
"""The doubt about an example, what the call has cost, and whether it has failed."""


@dataclass(frozen=True, slots=True)
class Audit:
    """What a model says about the right answers of a task."""

    doubts: tuple[DoubtfulGold, ...]
    """In the order of the examples."""
    asked: int
    """Number of examples that the model was asked about."""
    failed: int
    """Number of these that got no reply."""
    cost: Cost


async def audit(
    task: Task, examples: Sequence[Example], pooled: PooledModel, most_tokens: int = 2048
) -> Audit:
    """Ask the model about each of the examples, one at a time, as many at once as it has slots.

    A failed call is retried like those of a run, and then counted. Raise `ModelError` for a failure that
    every other call would meet too.
    """
    slots = asyncio.Semaphore(pooled.slots)

    async def one(number: int, example: Example) -> _Checked:
        async with slots:
            return await _ask(task, example, _others(examples, number), pooled, most_tokens)

    results = await _together([one(number, example) for number, example in enumerate(examples)])
    return Audit(
        doubts=tuple(doubt for doubt, _, _ in results if doubt is not None),
        asked=len(results),
        failed=sum(failed for *_, failed in results),
        cost=sum((cost for _, cost, _ in results), Cost()),
    )


def audit_request(task: Task, example: Example, others: Sequence[Example], most_tokens: int) -> ModelRequest:
    """Return the question about one example."""
    text = render(
        "audit",
        task=task,
        checked=_shown(task, example, _LONGEST),
        others=[_shown(task, other, _OTHER) for other in others],
    )
    return ModelRequest(messages=(ChatMessage(role="user", content=text),), max_tokens=most_tokens)


async def _together(coroutines: Sequence[Coroutine[None, None, _Checked]]) -> list[_Checked]:
    """Await all of them; the first error cancels the others and is raised."""
    tasks = [asyncio.ensure_future(coroutine) for coroutine in coroutines]
    try:
        return await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()


async def _ask(
    task: Task, example: Example, others: Sequence[Example], pooled: PooledModel, most_tokens: int
) -> _Checked:
    outcome = await ask(pooled.model, audit_request(task, example, others, most_tokens), pay_nothing)
    if isinstance(outcome, Failed):
        if outcome.cause in FATAL:
            raise ModelError(outcome.cause, outcome.error)
        return None, Cost(), True
    reply = outcome.reply
    cost = pooled.tariff.used(reply.prompt_tokens, reply.completion_tokens)
    doubts = read_doubts(reply.text, 1)
    return (_doubtful(task, example, doubts[0].suggested, doubts[0].reason) if doubts else None), cost, False


def _doubtful(task: Task, example: Example, suggested: str | None, reason: str) -> DoubtfulGold:
    return DoubtfulGold(
        task=task.name,
        id=example.id,
        input=input_text(example, _LONGEST, task, full=True),
        gold=" / ".join(example.right_answers),
        suggested=suggested,
        times=1,
        reason=reason,
    )


def _others(examples: Sequence[Example], number: int) -> list[Example]:
    """Return the next examples in a circle."""
    following = [*examples[number + 1 :], *examples[:number]]
    return following[:_OTHERS]


def _shown(task: Task, example: Example, limit: int) -> ShownExample:
    return ShownExample(1, input_text(example, limit, task, full=True), right_answers(example, limit))
