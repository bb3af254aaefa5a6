"""Runs with a budget, and a model that measures what it is asked."""

from collections.abc import Callable
from pathlib import Path

from tiny_runs import RUN, ignore, tiny_config, with_tasks

from transfer_prompting.agents.messages.codec import decode
from transfer_prompting.agents.models.price import Price
from transfer_prompting.agents.models.scripted import ScriptedModel
from transfer_prompting.orchestration.budget.tracker import Terms
from transfer_prompting.orchestration.calls.model_pool import ModelPool
from transfer_prompting.orchestration.config.budget_settings import BudgetSettings
from transfer_prompting.orchestration.config.settings import Config
from transfer_prompting.orchestration.runtime.assembly import host_for, opening
from transfer_prompting.orchestration.runtime.engine import RunEngine
from transfer_prompting.orchestration.runtime.live_run import LiveRun
from transfer_prompting.prompts.task import Task
from transfer_prompting.storage.event import Event
from transfer_prompting.storage.log import EventLog
from transfer_prompting.storage.opening import open_reader
from transfer_prompting.storage.place import Place

PRICE = Price(input=0.7, output=2.9)


async def spend(
    config: Config,
    folder: Path,
    model: ScriptedModel,
    budget: BudgetSettings,
    *,
    place: Place | None = None,
    going_on: bool = False,
    slots: int = 64,
    change: Callable[[Task], Task] | None = None,
) -> list[Event]:
    """Begin or resume the run with this budget and number of concurrent calls; return the log."""
    log = await EventLog.open(place or folder / "log.db")
    roles = ("scorer", "reference", *(("judge",) if config.models.judge else ()))
    pool = ModelPool.of(dict.fromkeys(roles, model), slots=slots, price=PRICE)
    terms = Terms(budget=budget, search=config.search_settings())
    engine = RunEngine(await host_for(config.search_settings()))
    live = LiveRun(log, RUN, engine, pool, ignore, terms)
    try:
        if going_on:
            await live.resume({})
        else:
            await live.start(with_tasks(opening(config, folder, pool), change))
        with open_reader(log.place) as reader:
            return list(reader.read(RUN))
    finally:
        await log.close()


def short_config(folder: Path) -> Config:
    """Return a configuration with one step per stage, which makes about sixty calls."""
    config = tiny_config(folder)
    less = {"steps": 1, "candidates": 2}
    stages = {
        "source": config.source.model_copy(update=less),
        "target": config.only_target.model_copy(update=less),
    }
    return config.model_copy(update=stages)


def message_of(events: list[Event], kind: str) -> object:
    """Return the only message of a kind."""
    [event] = [event for event in events if event.kind == kind]
    return decode(event)
