"""A budget holds over all calls that programs make, whatever the programs do."""

import asyncio
from pathlib import Path
from random import Random
from typing import Any

import pytest
from program_runs import TEXTS, answer_by_words, carry_out, program_config

from transfer_prompting.agents.messages import BudgetExhausted
from transfer_prompting.agents.messages.codec import decode
from transfer_prompting.agents.models.base import ModelError, ModelReply, ModelRequest
from transfer_prompting.agents.models.scripted import ScriptedModel
from transfer_prompting.agents.programs.base import AskFailed
from transfer_prompting.orchestration.config.budget_settings import BudgetSettings
from transfer_prompting.orchestration.errors import RunStopped
from transfer_prompting.orchestration.projections.spending import Spending
from transfer_prompting.storage.event import Event

WHOLE = {"tokens": 25_000, "calls": 420, "money": 0.03}
"""About what a run without a budget takes."""


def random_program(seed: int) -> Any:
    """Return a program of one to six calls, one after the other or at once, which fails now and then."""
    random = Random(seed)
    calls, at_once, careless = random.randint(1, 6), random.random() < 0.5, random.random() < 0.4

    async def run(example: Any, prompts: Any, ask: Any) -> str:
        own = Random(f"{seed}/{example['question']}/{prompts['tell']}")
        texts = [f"{prompts[own.choice(list(TEXTS))]} {n} {example['question']}" for n in range(calls)]
        if at_once:
            replies = await asyncio.gather(*(ask("scorer", text) for text in texts))
        else:
            replies = [await ask("scorer", text) for text in texts]
        if careless and own.random() < 0.1:
            raise ValueError("careless")
        return str(replies[-1].text)

    return run


def erratic(seed: int) -> ScriptedModel:
    """Return a model whose replies vary in length, and which now and then fails once or for good."""
    random = Random(seed)

    def answer(request: ModelRequest) -> ModelReply | ModelError:
        chance = random.random()
        if chance < 0.03:
            return ModelError("server_error", "busy", retryable=True)
        if chance < 0.04:
            return ModelError("context_length", "too long")
        return ModelReply(
            text=answer_by_words(request),
            finish="stop",
            prompt_tokens=random.randint(1, 8),
            completion_tokens=random.randint(1, request.max_tokens),
        )

    return ScriptedModel(answer, delay=lambda _: 0.001 * random.random())


def spent(events: list[Event]) -> dict[str, float]:
    """Return what the log says was spent."""
    spending = Spending()
    for event in events:
        if event.kind == "call.finished":
            spending.apply_reply(event, decode(event).model_dump(mode="json"))
        else:
            spending.apply(event, None if event.kind == "call.requested" else decode(event))
    return spending.spent(0)


def seeds(config: pytest.Config) -> range:
    """Return the seeds: 200 with --long."""
    return range(200 if config.getoption("--long", default=False) else 20)


async def test_no_budget_is_overshot(
    tmp_path: Path, pytestconfig: pytest.Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Random programs at 64 slots never spend more than the limit, and no run hangs."""
    monkeypatch.setattr("transfer_prompting.orchestration.calls.retry.WAIT", lambda _state: 0.0)
    ended = 0
    for seed in seeds(pytestconfig):
        random = Random(seed)
        limit = random.choice(list(WHOLE))
        most = WHOLE[limit] * random.uniform(0.35, 0.9)
        budget = BudgetSettings.model_validate({limit: int(most) if limit != "money" else most})
        config = program_config(tmp_path / str(seed))
        folder = tmp_path / str(seed)
        try:
            events = await asyncio.wait_for(
                carry_out(
                    config, folder, erratic(seed), program=random_program(seed), budget=budget, slots=64
                ),
                60,
            )
        except RunStopped:
            continue  # The scripted model has failed too often in a row.
        found = spent(events)[limit]
        assert found <= budget.limits[limit], f"seed {seed}: {found} of {budget.limits[limit]} {limit}"
        ended += any(isinstance(decode(event), BudgetExhausted) for event in events if "budget" in event.kind)
    assert ended >= 3


async def test_a_program_that_ignores_the_end_of_the_budget(tmp_path: Path) -> None:
    """A program that goes on asking after the budget has ended gets no reply, and its rows no score."""

    async def run(example: Any, prompts: Any, ask: Any) -> str:
        for number in range(4):
            try:
                await ask("scorer", f"{number} {prompts['tell']} {example['question']}")
            except AskFailed:
                continue
        return "a"

    model = ScriptedModel(answer_by_words)
    events = await carry_out(
        program_config(tmp_path / "run"),
        tmp_path / "run",
        model,
        program=run,
        budget=BudgetSettings(calls=120),
    )
    assert spent(events)["calls"] <= 120
    assert model.calls <= 120
