"""One run in this process on the models of a simulated landscape."""

from pathlib import Path

from landscape import Landscape

from transfer_prompting.orchestration.budget.tracker import Terms
from transfer_prompting.orchestration.calls.model_pool import ModelPool
from transfer_prompting.orchestration.config.settings import Config
from transfer_prompting.orchestration.runtime.assembly import host_for, opening
from transfer_prompting.orchestration.runtime.engine import RunEngine
from transfer_prompting.orchestration.runtime.live_run import LiveRun
from transfer_prompting.storage.event import Event
from transfer_prompting.storage.log import EventLog
from transfer_prompting.storage.place import Place


async def simulate(
    world: Landscape, config: Config, folder: Path, place: Place = ":memory:", run: str = "run"
) -> list[Event]:
    """Carry out a run whose tasks are in `folder`, in the log at `place`; return its events."""
    pool = ModelPool.of({"scorer": world.task_model(), "reference": world.proposer_model()})
    events: list[Event] = []
    log = await EventLog.open(place)
    try:
        engine = RunEngine(await host_for(config.search_settings()))
        live = LiveRun(log, run, engine, pool, events.append, Terms(accept_unreadable=True))
        await live.start(opening(config, folder, pool))
    finally:
        await log.close()
    return events
