"""Requests to the simulated models, for the tests of the benchmarks."""

import asyncio

from landscape import Landscape

from transfer_prompting.agents.models.base import ChatMessage, Model, ModelReply, ModelRequest
from transfer_prompting.prompts.reading.answers import is_right, read_reply
from transfer_prompting.prompts.request import request_turns
from transfer_prompting.prompts.task import Task


def request(text: str, **fields: object) -> ModelRequest:
    """Return a request with one message."""
    return ModelRequest.model_validate({"messages": [ChatMessage(role="user", content=text)], **fields})


def asked(world: Landscape, prompt: str, text: str = "") -> ModelReply:
    """Return the task model's reply to `prompt` followed by `text`, by default the first test question."""
    return world.answering(request(f"{prompt}\n\n{text or world.target.test[0].question}"))


def frequency(world: Landscape, prompt: str, task: Task | None = None) -> float:
    """Return the share of the test examples that the project's own scorer would count as right."""
    task = task or world.target
    right = 0
    for example in task.test:
        [turn] = request_turns(prompt, task, example)
        reply = world.answering(request(str(turn.content)))
        right += is_right(read_reply(reply.text, task, example).answer, task, example)
    return right / len(task.test)


def texts(model: Model, asks: list[ModelRequest]) -> list[str]:
    """Return a model's reply to each request."""

    async def said() -> list[str]:
        return [(await model.reply(ask)).text for ask in asks]

    return asyncio.run(said())
