"""Measure what earlier runs on other tasks are worth to a new one, where the truth is known.

    python benchmarks/earlier_runs.py [--seeds 48] [--first 1000] [--validity 1.0] [--earlier 1 3 6]
        [--labels 100]

Each earlier run searches another task from scratch. The new run then begins without experience or with the
log of the first one, three or six of them. All arms share their seeds, so differences
are paired. With `--validity 0` no rule of the other tasks holds in the target, with 0.5 half of them do.
"""

import argparse
import asyncio
import tempfile
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from math import sqrt
from pathlib import Path
from statistics import mean, stdev
from typing import Any

from landscape import Sizes, make_landscape
from simulated_run import simulate
from transfer_runs import ENDLESS, LABELS

from transfer_prompting.agents.messages import PromptScored, RaceFinished, ScoringRequested
from transfer_prompting.agents.messages.codec import decode
from transfer_prompting.orchestration.config.settings import Config
from transfer_prompting.storage.event import Event

SIZES = Sizes(train=60, dev=100, test=4)
EARLIER = 600
"""Evaluations of each earlier run."""
POINTS = (50, 100, 200, 400, 900)
"""Evaluations of the new run at which its best prompt is looked at."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What is measured: numbers of earlier runs, and the share of their rules that hold in the target."""

    earlier: tuple[int, ...]
    validity: float
    labels: int = 100
    """Labelled examples of the new task; the earlier ones have 100."""


def measure(setting: Setting, seed: int) -> dict[int, list[float]]:
    """Return number of earlier runs -> true accuracy of the best prompt at each of `POINTS`."""
    return asyncio.run(_measure(setting, seed))


async def _measure(setting: Setting, seed: int) -> dict[int, list[float]]:
    target = SIZES if setting.labels == 100 else LABELS[setting.labels]
    world = make_landscape("earlier_runs", seed, SIZES, target_sizes=target, validity=setting.validity)
    found: dict[int, list[float]] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        world.write(folder)
        log = folder / "earlier.db"
        for number in range(max(setting.earlier) + 1):
            if number:
                await _search(world, folder, f"source_{number}", EARLIER, log, f"run-{number}", seed)
            if number == 0 or number in setting.earlier:
                given = [str(log)] if number else []
                events = await _search(
                    world, folder, "target", max(POINTS), ":memory:", "run", seed, experience=given
                )
                found[number] = _curve(world, events)
    return found


async def _search(
    world: Any, folder: Path, task: str, budget: int, place: Path | str, run: str, seed: int, **further: Any
) -> list[Event]:
    sizes = {"examples": len(world.tasks[task].dev), "test_examples": SIZES.test}
    stage = {"candidates": 3, "steps": ENDLESS, "patience": ENDLESS, "budget": budget}
    config = Config.model_validate(
        {
            "seed": seed,
            "target": {"task": task, **sizes, **stage},
            "search": {"seed_prompts": False},
            "models": {role: {"provider": "smollm2"} for role in ("scorer", "reference")},
            **further,
        }
    )
    return await simulate(world, config, folder, place, run)


def _curve(world: Any, events: Sequence[Event]) -> list[float]:
    """Return the true accuracy of the best prompt at each of `POINTS`."""
    texts = {}
    best, spent = world.true_accuracy(world.initial_prompts[0]), 0
    curve = [(0, best)]
    for event in events:
        if event.kind == "scoring.requested":
            message = decode(event)
            assert isinstance(message, ScoringRequested)
            candidate = message.candidate
            texts[candidate.id] = candidate.text
        elif event.kind in ("prompt.scored", "race.finished"):
            match decode(event):
                case PromptScored(purpose="search") as message:
                    spent += len(message.outcomes)
                case RaceFinished(winner=str(winner)):
                    curve.append((spent, world.true_accuracy(texts[winner])))
    return [[value for at, value in curve if at <= point][-1] for point in POINTS]


def main() -> None:
    """Print a table: number of earlier runs, and gain in points at each number of evaluations."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--seeds", type=int, default=48)
    parser.add_argument("--first", type=int, default=1000)
    parser.add_argument("--validity", type=float, default=1.0)
    parser.add_argument("--earlier", type=int, nargs="+", default=[1, 3, 6])
    parser.add_argument("--labels", type=int, default=100, choices=list(LABELS))
    parser.add_argument("--processes", type=int, default=1)
    given = parser.parse_args()
    setting = Setting(tuple(given.earlier), given.validity, given.labels)
    seeds = range(given.first, given.first + given.seeds)
    with ProcessPoolExecutor(given.processes) as pool:
        rows = []
        for row in pool.map(partial(measure, setting), seeds):
            rows.append(row)
            if len(rows) % 2 == 0 or len(rows) == given.seeds:
                _report(rows, setting)


def _report(rows: Sequence[dict[int, list[float]]], setting: Setting) -> None:
    print(
        f"validity {setting.validity}, {setting.labels} labels, {len(rows)} seeds; "
        "points against scratch, mean +- standard error"
    )
    for number in setting.earlier:
        cells = []
        for at, point in enumerate(POINTS):
            gains = [100 * (row[number][at] - row[0][at]) for row in rows]
            error = stdev(gains) / sqrt(len(gains)) if len(gains) > 1 else 0.0
            cells.append(f"{point}: {mean(gains):+.1f} +- {error:.1f}")
        print(f"  {number} earlier runs: {'; '.join(cells)}", flush=True)


if __name__ == "__main__":
    main()
