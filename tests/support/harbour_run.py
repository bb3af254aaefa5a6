"""A whole run on a simulated task in little time: two source tasks, a target, a control and a judge."""

import asyncio
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from transfer_prompting.orchestration.calls.model_pool import ModelPool
from transfer_prompting.orchestration.config.settings import Config
from transfer_prompting.orchestration.runtime.assembly import host_for, opening
from transfer_prompting.orchestration.runtime.engine import RunEngine
from transfer_prompting.orchestration.runtime.live_run import LiveRun
from transfer_prompting.storage.event import Event
from transfer_prompting.storage.log import EventLog

RUN = "harbour-0001"


def harbour_config(steps: int, **search: Any) -> Config:
    """Return a configuration with short stages and every feature on."""
    stage = {"steps": steps, "candidates": 4, "examples": 20}
    model = {"provider": "openai", "base_url": "http://127.0.0.1:9/v1"}
    return Config.model_validate(
        {
            "name": "harbour",
            "seed": 3,
            "source": {"tasks": ["source_1", "source_2"], **stage, "steps": 1},
            "target": {"task": "target", "test_examples": 40, **stage},
            "search": {
                "control": True,
                "seed_prompts": False,
                "wording": {"dimensions": ["clarity", "harmlessness"], "samples": 2},
                "objective": "composite",
                "weights": {"accuracy": 0.7, "one_minus_ece": 0.2, "clarity": 0.1},
                **search,
            },
            "models": {
                "scorer": {**model, "model": "task"},
                "reference": {**model, "model": "proposer"},
                "judge": {**model, "model": "judge"},
            },
        }
    )


async def sail(folder: Path, run: str = RUN, seed: int = 3, steps: int = 2, **search: Any) -> Path:
    """Make the run in `folder`; return its log. The models answer in this process, so no server is asked."""
    from landscape import Sizes, make_landscape

    world = make_landscape("source_target", seed, Sizes(30, 20, 40))
    if not (folder / "target").exists():
        world.write(folder)
    config = harbour_config(steps, **search)
    pool = ModelPool.of(
        {
            "scorer": world.task_model(),
            "reference": world.proposer_model(),
            "judge": world.judge_model(),
        }
    )

    def look_away(_event: Event) -> None:
        return

    log = await EventLog.open(folder / "log.db")
    try:
        engine = RunEngine(await host_for(config.search_settings()))
        live = LiveRun(log, run, engine, pool, look_away)
        await live.start(opening(config, folder, pool))
    finally:
        await log.close()
    return folder / "log.db"


@cache
def harbour_log() -> Path:
    """Return the log of one such run, made once per test process. Nothing may be appended to it."""
    return asyncio.run(sail(Path(mkdtemp(prefix="harbour-"))))
