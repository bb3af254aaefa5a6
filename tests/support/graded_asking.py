"""Values that the project's own grader gives to the replies of simulated models."""

import asyncio
from collections.abc import Sequence

from asking import request
from landscape import World

from transfer_prompting.agents.grading.grader import Grader
from transfer_prompting.agents.grading.outcomes import Answered
from transfer_prompting.agents.messages import CallFailed
from transfer_prompting.agents.messages.scores import Outcome
from transfer_prompting.agents.models.base import ModelReply, ModelRequest
from transfer_prompting.prompts.reading.answers import read_output
from transfer_prompting.prompts.request import request_turns


def graded(world: World, prompt: str) -> list[Outcome]:
    """Return the outcome of each test example under `prompt`."""
    return asyncio.run(_graded(world, prompt))


async def _graded(world: World, prompt: str) -> list[Outcome]:
    models, task = world.models(), world.task
    answered = []
    for example in task.test:
        [turn] = request_turns(prompt, task, example)
        reply = await models["scorer"].reply(request(str(turn.content), max_tokens=200))
        reading, output = read_output(reply.text, task, example)
        answered.append(Answered(example, reading, output))

    async def ask(requests: Sequence[tuple[str, ModelRequest]], model: str) -> list[ModelReply | CallFailed]:
        return [await models[model].reply(one) for _, one in requests]

    return [outcome for outcome in await Grader(task).outcomes(answered, ask) if outcome is not None]
