"""A wall clock that is set during a run changes neither its seconds nor its budget."""

from pathlib import Path

import pytest
from budget_runs import PRICE, short_config
from tiny_runs import RUN, ignore, read, scripted

from transfer_prompting.agents.models.base import ModelError, ModelRequest
from transfer_prompting.agents.models.scripted import ScriptedModel
from transfer_prompting.orchestration.budget.tracker import Terms
from transfer_prompting.orchestration.calls.model_pool import ModelPool
from transfer_prompting.orchestration.config.budget_settings import BudgetSettings
from transfer_prompting.orchestration.errors import RunStopped
from transfer_prompting.orchestration.projections.run_clock import RunClock
from transfer_prompting.orchestration.runtime.assembly import host_for, opening
from transfer_prompting.orchestration.runtime.engine import RunEngine
from transfer_prompting.orchestration.runtime.live_run import LiveRun
from transfer_prompting.storage.clock import SteadyClock
from transfer_prompting.storage.log import EventLog

HOUR = 3_600 * 10**9  # nanoseconds


class Wall:
    """A wall clock that is an hour further, or an hour back, each time it is read."""

    def __init__(self, step: int) -> None:
        self._now, self._step = 1000 * HOUR, step

    def __call__(self) -> int:
        self._now += self._step
        return self._now


async def _drive(folder: Path, wall: Wall, model: ScriptedModel, *, going_on: bool) -> None:
    """Run, or go on with the run, within a budget of an hour."""
    log = await EventLog.open(folder / "log.db", SteadyClock(wall))
    config = short_config(folder)
    pool = ModelPool.of({"scorer": model, "reference": model}, price=PRICE)
    terms = Terms(budget=BudgetSettings(seconds=3600), search=config.search_settings())
    engine = RunEngine(await host_for(config.search_settings()))
    live = LiveRun(log, RUN, engine, pool, ignore, terms)
    try:
        await (live.resume({}) if going_on else live.start(opening(config, folder, pool)))
    finally:
        await log.close()


@pytest.mark.parametrize("step", [HOUR, -HOUR], ids=["forward", "back"])
async def test_a_step_of_the_wall_clock(tmp_path: Path, step: int) -> None:
    """A run within a budget of an hour is stopped and resumed, and has taken a moment by every account."""

    def refuse_later(_request: ModelRequest) -> str | ModelError:
        return ModelError("authentication", "Expired.") if model.calls > 20 else "Answer: yes"

    model, wall = scripted(refuse_later), Wall(step)
    with pytest.raises(RunStopped):
        await _drive(tmp_path, wall, model, going_on=False)
    await _drive(tmp_path, wall, scripted(), going_on=True)
    events = read(tmp_path)
    assert "budget.exhausted" not in {event.kind for event in events}
    assert [event.at for event in events] == sorted(event.at for event in events)
    clock = RunClock()
    for event in events:
        clock.apply(event)
    assert 0 < clock.seconds < 600
