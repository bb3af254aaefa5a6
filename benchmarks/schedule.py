"""Measure how busy a whole run keeps its models' slots, and how close its time is to the least possible.

    python benchmarks/schedule.py [--seeds 3] [--slots 16] [--median 0.3] [--sigma 0.6]

A run has two source tasks, a target and the final comparison, on simulated models (benchmarks/landscape)
that share `--slots` slots. Every call holds a slot for a time drawn from a lognormal distribution
(`--median` in seconds; the draw depends on the request alone), and proposals hold it `--slower` times as
long. "busy" is the share of the slots' time, from the first call to the last reply, in which they were held.
"wall / floor" is the wall time over the time that the calls need if no slot ever waits.
"""

import argparse
import asyncio
import math
import tempfile
import time
from hashlib import blake2b
from pathlib import Path
from random import Random
from statistics import mean
from typing import Any

from landscape import Sizes, make_landscape
from search import Plan, Result, configuration, result_of

from transfer_prompting.agents.messages import RunFinished
from transfer_prompting.agents.models.base import Model, ModelReply, ModelRequest
from transfer_prompting.orchestration.calls.model_pool import ModelPool
from transfer_prompting.orchestration.runtime.assembly import host_for, opening
from transfer_prompting.orchestration.runtime.engine import RunEngine
from transfer_prompting.orchestration.runtime.live_run import LiveRun
from transfer_prompting.storage.event import Event
from transfer_prompting.storage.log import EventLog

LANDSCAPE = "source_target"
SIZES = Sizes(train=60, dev=100, test=200)
SETTINGS = ((1, 3), (2, 3), (2, 5), (4, 5), (5, 5))
"""Steps under way at a time, and proposals per step."""


class Backend:
    """Slots that all models share. `calls` has the seconds at which each call took and released its slot."""

    def __init__(self, slots: int) -> None:
        self.free = asyncio.Semaphore(slots)
        self.calls: list[tuple[float, float]] = []


class Slow:
    """A model whose every reply takes time."""

    def __init__(self, model: Model, backend: Backend, median: float, sigma: float) -> None:
        self._model = model
        self._backend = backend
        self._median, self._sigma = median, sigma

    def __getattr__(self, name: str) -> Any:
        return getattr(self._model, name)

    async def reply(self, request: ModelRequest) -> ModelReply:
        """Return the model's reply after a pause that depends on the request."""
        digest = blake2b(request.model_dump_json().encode(), digest_size=8).digest()
        pause = self._median * math.exp(self._sigma * Random(digest).gauss(0, 1))
        async with self._backend.free:
            began = time.perf_counter()
            await asyncio.sleep(pause)
            reply = await self._model.reply(request)
            self._backend.calls.append((began, time.perf_counter()))
            return reply


async def run(
    seed: int, at_once: int, candidates: int, options: argparse.Namespace
) -> tuple[Backend, Result]:
    """Make one run and return its slots and its result."""
    world = make_landscape(LANDSCAPE, seed=seed, sizes=SIZES)
    backend = Backend(options.slots)
    models: dict[str, Any] = {
        "scorer": Slow(world.task_model(), backend, options.median, options.sigma),
        "reference": Slow(world.proposer_model(), backend, options.median * options.slower, options.sigma),
    }
    pool = ModelPool.of(models, slots=options.slots)
    stage = {"candidates": candidates}
    plan = Plan(LANDSCAPE, seed, stage, stage, {"concurrent_steps": at_once})
    events: list[Event] = []
    with tempfile.TemporaryDirectory() as folder:
        world.write(Path(folder) / LANDSCAPE)
        config = configuration(plan, [name for name in world.tasks if name != "target"])
        log = await EventLog.open(Path(folder) / "log.db")
        try:
            engine = RunEngine(await host_for(config.search_settings()))
            live = LiveRun(log, "run", engine, pool, events.append)
            verdict = await live.start(opening(config, Path(folder) / LANDSCAPE, pool))
        finally:
            await log.close()
    assert isinstance(verdict, RunFinished)
    return backend, result_of(world, verdict, events)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--slots", type=int, default=16)
    parser.add_argument("--median", type=float, default=0.3)
    parser.add_argument("--sigma", type=float, default=0.6)
    parser.add_argument("--slower", type=float, default=1.0)
    parser.add_argument("--only", help="as in 5x5: steps at once and proposals a step")
    options = parser.parse_args()
    print("| steps at once | proposals a step | busy | wall / floor | calls | true accuracy |")
    print("|---|---|---|---|---|---|")
    for at_once, candidates in SETTINGS if options.only is None else [map(int, options.only.split("x"))]:
        busy, ratios, calls, best = [], [], [], []
        for seed in range(1, options.seeds + 1):
            backend, result = asyncio.run(run(seed, at_once, candidates, options))
            held = sum(until - since for since, until in backend.calls)
            wall = max(until for _, until in backend.calls) - min(since for since, _ in backend.calls)
            busy.append(held / options.slots / wall)
            ratios.append(wall * options.slots / held)
            calls.append(len(backend.calls))
            best.append(result.best)
        print(
            f"| {at_once} | {candidates} | {100 * mean(busy):.0f} % ({100 * min(busy):.0f} to "
            f"{100 * max(busy):.0f}) | {mean(ratios):.2f} | {mean(calls):,.0f} | {mean(best):.3f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
