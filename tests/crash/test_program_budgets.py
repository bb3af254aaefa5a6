"""Runs of programs keep their budget, however many calls an execution makes and however it fails."""

import asyncio
import hashlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from random import Random

import pytest
from budget_runs import PRICE
from program_runs import answer_as_steps, carry_program, program_config
from tenacity import wait_none
from tiny_runs import copy_prefix, read

from transfer_prompting.agents.models.base import ModelError, ModelReply, ModelRequest
from transfer_prompting.agents.models.probe import PROBE
from transfer_prompting.agents.models.scripted import ScriptedModel
from transfer_prompting.agents.models.token_bounds import prompt_bound
from transfer_prompting.orchestration.calls import retry
from transfer_prompting.orchestration.config.budget_settings import BudgetSettings
from transfer_prompting.orchestration.errors import RunStopped
from transfer_prompting.storage.event import Event

SOURCE = """
import asyncio, hashlib

async def run(example, prompts, ask):
    number = int(hashlib.sha256(example["question"].encode()).hexdigest(), 16)
    words = f"{prompts['find']} {prompts['answer']} {example['question']}"
    if number % 11 == 0:
        raise ValueError("no")
    side = [ask("scorer", f"{words} side {n}") for n in range(number % 3)]
    for reply in await asyncio.gather(*side, return_exceptions=True):
        if isinstance(reply, Exception) and number % 2:
            raise reply
    found = ""
    for n in range(1 + number // 7 % 3):
        found = (await ask("scorer", f"{words} step {n}", temperature=0.5)).text
    if number % 13 == 0:
        raise ValueError("late")
    return found
"""
"""One to five calls, side by side and one after the other; some raise, before and after their calls."""
QUICK, ALL = 20, 200
PARTS, SLOTS = 5, 64


class Meter:
    """A model whose replies cost random amounts, and some fail, once or for good; it adds up the cost."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.tokens = self.calls = 0
        self.money = 0.0

    def __call__(self, request: ModelRequest) -> ModelReply | ModelError:
        prompt = self.random.randint(1, prompt_bound(request))
        completion = self.random.randint(0, request.max_tokens)
        self.calls += 1
        self.tokens += prompt + completion
        self.money += (prompt * PRICE.input + completion * PRICE.output) / 1e6
        digest = hashlib.sha256(request.messages[-1].text.encode()).digest()
        if request != PROBE and (digest[0] < 8 or self.random.random() < 0.03):
            return ModelError("server_error", "Not now.", retryable=digest[1] < 128)
        return ModelReply(
            text=answer_as_steps(request), finish="stop", prompt_tokens=prompt, completion_tokens=completion
        )

    def over(self, budget: BudgetSettings) -> list[str]:
        return [name for name, most in budget.limits.items() if getattr(self, name) > most]


class Metered(ScriptedModel):
    """A model that is billed for a request as soon as it is sent, and with call `last` says that it is.

    The requests under way then are what a killed process leaves: sent, billed, and of unknown outcome.
    """

    def __init__(self, meter: Meter, random: Random, last: int | None) -> None:
        super().__init__(answer_as_steps)
        self._meter = meter
        self._random = random
        self._last = last
        self.silent = asyncio.Event()

    async def reply(self, request: ModelRequest) -> ModelReply:
        """Bill the request, and answer or fail later."""
        self.calls += 1
        answer = self._meter(request)
        if self.calls == self._last:
            self.silent.set()
        await asyncio.sleep(self._random.random() / 500)
        if isinstance(answer, ModelError):
            raise answer
        return answer


def caps(random: Random) -> BudgetSettings:
    """Return one to three limits, from too low to ample."""
    limits = {
        "tokens": int(10 ** random.uniform(3, 5.5)),
        "money": 10 ** random.uniform(-3.5, -0.5),
        "calls": int(10 ** random.uniform(1, 2.8)),
    }
    chosen = random.sample(sorted(limits), random.randint(1, 3))
    return BudgetSettings.model_validate({name: limits[name] for name in chosen})


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Attempts follow each other at once."""
    monkeypatch.setattr(retry, "WAIT", wait_none())


def seeds(part: int, count: int) -> Iterator[int]:
    yield from range(part * count // PARTS, (part + 1) * count // PARTS)


@pytest.mark.parametrize("part", range(PARTS))
async def test_no_budget_is_ever_overshot(tmp_path: Path, part: int, request: pytest.FixtureRequest) -> None:
    """No run of programs with random limits, costs, latencies and failures exceeds its budget or hangs.

    In a third of the runs the process ends before the run does, and another life goes on with the same meter.
    """
    count = ALL if request.config.getoption("--long", default=False) else QUICK
    for seed in seeds(part, count):
        meter, budget, random = Meter(seed), caps(Random(seed)), Random(seed)
        folder = tmp_path / str(seed)
        folder.mkdir()
        events = await _lives(folder, meter, budget, random)
        assert not meter.over(budget), (seed, budget.limits)
        assert events[-1].kind in ("run.finished", "run.failed"), seed


async def _lives(folder: Path, meter: Meter, budget: BudgetSettings, random: Random) -> list[Event]:
    """Return the log of a run, which in a third of the cases is cut off once."""
    dying = Metered(meter, random, random.randint(1, 80) if random.random() < 1 / 3 else None)
    running = asyncio.ensure_future(_carry(folder, dying, budget))
    dead = asyncio.ensure_future(dying.silent.wait())
    async with asyncio.timeout(60):
        await asyncio.wait([running, dead], return_when=asyncio.FIRST_COMPLETED)
    dead.cancel()
    if running.done():
        return await running
    before, heir = read(folder), folder / "heir"
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
    heir.mkdir()
    await copy_prefix(before, heir)
    async with asyncio.timeout(60):
        return await _carry(heir, Metered(meter, random, None), budget, going_on=True)


async def _carry(
    folder: Path, model: Metered, budget: BudgetSettings, *, going_on: bool = False
) -> list[Event]:
    """Carry a run out; it may stop if its model fails too often and the budget pays for no probe."""
    endpoint = {
        "provider": "openai",
        "model": "m",
        "base_url": "http://127.0.0.1:9/v1",
        "price": PRICE,
        "concurrency": SLOTS,
    }
    config = program_config(
        folder,
        SOURCE,
        steps=1,
        candidates=2,
        search={"max_tokens": 48, "proposal_tokens": 300},
        models={"scorer": endpoint, "reference": endpoint},
    )
    try:
        return await carry_program(
            config, folder, model, going_on=going_on, budget=budget, slots=SLOTS, price=PRICE
        )
    except RunStopped:
        return read(folder)
