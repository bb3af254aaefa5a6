"""A budget of seconds holds even if the models do not answer in time."""

import asyncio
from collections.abc import AsyncIterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from budget_runs import message_of, short_config, spend
from hanging import no_hanging  # noqa: F401 - a fixture
from program_runs import answer_as_steps, carry_program, program_config
from tiny_runs import ignore, reenact, reply_by_hash

from transfer_prompting.agents.messages import BudgetExhausted, RunFinished
from transfer_prompting.agents.models.base import ChatMessage, ModelRequest
from transfer_prompting.agents.models.scripted import ScriptedModel
from transfer_prompting.orchestration.config.budget_settings import BudgetSettings
from transfer_prompting.orchestration.config.settings import Config
from transfer_prompting.orchestration.runtime import lifecycle
from transfer_prompting.storage.event import Event
from transfer_prompting.storage.opening import open_reader

SLEEPY = """
import asyncio

async def run(example, prompts, ask):
    reply = await ask("scorer", prompts["find"] + prompts["answer"] + " " + example["question"])
    await asyncio.sleep(1000)
    return reply.text
"""


def ended_by_seconds(events: list[Event]) -> RunFinished:
    """Return the verdict of a run that ended because its seconds were used up."""
    ended = message_of(events, "budget.exhausted")
    assert isinstance(ended, BudgetExhausted)
    assert ended.limit == "seconds"
    assert events[-1].kind == "run.finished"
    verdict = message_of(events, "run.finished")
    assert isinstance(verdict, RunFinished)
    return verdict


async def test_a_model_that_falls_silent_in_the_search(tmp_path: Path) -> None:
    """A search whose calls never end is stopped, and the comparison has the seconds held back for it."""
    asked = count()

    def delay(request: ModelRequest) -> float:
        return 1e6 if next(asked) >= 20 and " test " not in request.messages[-1].text else 0.0

    model = ScriptedModel(reply_by_hash, delay=delay)
    events = await spend(short_config(tmp_path), tmp_path, model, BudgetSettings(seconds=2))
    verdict = ended_by_seconds(events)
    assert verdict.excluded == 0
    assert await reenact(tmp_path) == len(events)


async def test_a_program_that_takes_its_time(tmp_path: Path) -> None:
    """What a program does between its calls counts too: one that sleeps is stopped when the seconds end."""
    config = program_config(tmp_path, SLEEPY)
    model = ScriptedModel(answer_as_steps)
    events = await carry_program(config, tmp_path, model, budget=BudgetSettings(seconds=1))
    assert not ended_by_seconds(events).improved
    assert events[-1].at - events[0].at < 5e6  # microseconds


async def test_a_model_that_falls_silent_for_good(tmp_path: Path) -> None:
    """If the comparison gets no answer either, there is a verdict on no example."""
    asked = count()
    # So few calls are answered even in the second of a busy machine.
    model = ScriptedModel(reply_by_hash, delay=lambda _request: 1e6 if next(asked) >= 2 else 0.0)
    events = await spend(short_config(tmp_path), tmp_path, model, BudgetSettings(seconds=1))
    verdict = ended_by_seconds(events)
    assert not verdict.improved
    assert verdict.excluded == 6
    assert await reenact(tmp_path) == len(events)


@pytest.fixture
async def busy() -> AsyncIterator[str]:
    """Serve a model that from its thirtieth request on asks for a pause of a minute each time."""
    requests = count()

    async def answer(sent: web.Request) -> web.Response:
        body: dict[str, Any] = await sent.json()
        if next(requests) >= 30:
            return web.json_response({}, status=429, headers={"Retry-After": "60"})
        said = body["messages"][-1]["content"]
        request = ModelRequest(messages=(ChatMessage(role="user", content=said),))
        return web.json_response(
            {
                "choices": [{"message": {"content": reply_by_hash(request)}, "finish_reason": "stop"}],
                "usage": {"prompt_tokens": 9, "completion_tokens": 9},
            }
        )

    app = web.Application()
    app.router.add_post("/v1/chat/completions", answer)
    async with TestServer(app, host="127.0.0.1") as server:
        yield str(server.make_url("/v1"))


async def test_a_rate_limit_is_not_waited_for_beyond_the_seconds(tmp_path: Path, busy: str) -> None:
    """A call may wait longer than its timeout, but no longer than the run may take."""
    model = {"provider": "openai", "model": "m", "base_url": busy, "timeout": 0.5, "max_wait": 1e6}
    config = short_config(tmp_path).model_dump(mode="json", exclude_unset=True)
    models = {"scorer": model, "reference": model}
    budget = {"seconds": 2}
    run, verdict = await asyncio.wait_for(
        lifecycle.start(
            Config.model_validate({**config, "models": models, "budget": budget}),
            tmp_path,
            tmp_path / "log.db",
            ignore,
        ),
        timeout=50,
    )
    with open_reader(tmp_path / "log.db") as reader:
        assert ended_by_seconds(list(reader.read(run))) == verdict
