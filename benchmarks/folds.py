"""Measure the pooled verdict of cross-validations on few rows: its false findings, its bias and its power.

    python benchmarks/folds.py --json docs/folds.json

The whole system runs on the simulated models of `graded.py`, with all rows of a landscape divided as
`tp cross-validate` divides them; and once more with one split of the same rows, as `tp run` divides them.
"""

import argparse
import asyncio
import json
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from statistics import fmean
from typing import Any

from graded import REPORTED
from graded_figures import exact_interval
from graded_run import Plan, configuration, make_world, opening
from landscape import Sizes, World

from transfer_prompting.agents.messages import RunStarted, TaskLoaded
from transfer_prompting.orchestration.budget.tracker import Terms
from transfer_prompting.orchestration.calls.model_pool import ModelPool
from transfer_prompting.orchestration.projections.cross_validation import cross_validation
from transfer_prompting.orchestration.projections.history import RunHistory
from transfer_prompting.orchestration.runtime.assembly import host_for
from transfer_prompting.orchestration.runtime.engine import RunEngine
from transfer_prompting.orchestration.runtime.live_run import LiveRun
from transfer_prompting.prompts.loading.data_settings import DataSettings
from transfer_prompting.prompts.loading.fingerprints import fingerprints
from transfer_prompting.prompts.loading.folds import Fold, hold_out
from transfer_prompting.prompts.loading.placed import Placed
from transfer_prompting.prompts.loading.splits import cut
from transfer_prompting.prompts.task import Task
from transfer_prompting.storage.event import Event
from transfer_prompting.storage.log import EventLog

LANDSCAPES = ("right_or_wrong", "tags", "letters")
FOLDS = 5
STEPS = 3


@dataclass(frozen=True, slots=True)
class Result:
    """Result of one cross-validation; gains are those of the main metric."""

    improved: bool
    one_split: bool
    """Whether one run with the usual shares of train, dev and test finds an improvement."""
    reported: float
    true: float
    """Mean true gain of the prompts of the folds, weighted by their rows."""


def carry_out(plan: Plan) -> Result:
    """Make the runs of all folds, in this process or in a child."""
    return asyncio.run(_carry_out(plan))


async def _carry_out(plan: Plan) -> Result:
    runs = [await _run(plan, Fold(number, FOLDS)) for number in range(1, FOLDS + 1)]
    world, found = make_world(plan), cross_validation(runs)
    gains = [
        world.true_value(run.candidates[fold.best].text) - world.true_value(run.candidates[fold.initial].text)
        for run, fold in zip(runs, found.folds, strict=True)
    ]
    rows = [fold.comparison.n for fold in found.folds if fold.comparison]
    finished = (await _run(plan, None)).state.finished
    return Result(
        improved=found.improved,
        one_split=bool(finished and finished.improved),
        reported=found.comparisons[0].difference,
        true=sum(n * gain for n, gain in zip(rows, gains, strict=True)) / sum(rows),
    )


async def _run(plan: Plan, fold: Fold | None) -> RunHistory:
    world, config = make_world(plan), configuration(plan)
    if fold is not None:
        target = config.only_target.model_copy(update={"fold": str(fold)})
        config = config.model_copy(update={"target": target})
    pool = ModelPool.of(world.models())
    started, loaded = opening(config, world, pool)
    assert isinstance(started, RunStarted)
    assert isinstance(loaded, TaskLoaded)
    task = _divided(world, fold, plan.seed)
    loaded = loaded.model_copy(update={"task": task, "digest": task.digest()})
    history = RunHistory("run", started)

    def watch(event: Event) -> None:
        history.apply(event)

    log = await EventLog.open(":memory:")
    try:
        engine = RunEngine(await host_for(config.search_settings()))
        live = LiveRun(log, history.run, engine, pool, watch, Terms(accept_unreadable=True))
        await live.start([started, loaded])
    finally:
        await log.close()
    return history


def _divided(world: World, fold: Fold | None, seed: int) -> Task:
    """Return the task of a landscape with all its rows divided anew."""
    task = world.task
    rows = [*task.train, *task.dev, *task.test]
    placed = [Placed(row.id, row, "", found) for row, found in zip(rows, fingerprints(rows, ()), strict=True)]
    data = DataSettings(all="rows")
    if fold is None:
        splits = cut(data, {"all": placed}, seed)
    else:
        splits = hold_out(task.name, data, placed, fold, seed, None)
    kept: dict[str, Any] = {split: tuple(one.example for one in found) for split, found in splits.items()}
    return task.model_copy(update=kept)


def rows_of(seeds: Sequence[int], rows: int, workers: int) -> Iterator[dict[str, Any]]:
    """Yield the figures of each landscape, without and with rules that help."""
    sizes = Sizes(train=2, dev=rows - 4, test=2)  # All are divided anew.
    with ProcessPoolExecutor(workers) as pool:
        for helpful in (False, True):
            for name in LANDSCAPES:
                plans = [Plan(name, seed, helpful, sizes=sizes, steps=STEPS) for seed in seeds]
                yield {"landscape": name, "helpful": helpful, **figures(list(pool.map(carry_out, plans)))}


def figures(results: Sequence[Result]) -> dict[str, Any]:
    """Return how often an improvement was found, with exact intervals, and mean gains in points."""
    n = len(results)
    improved, one_split = (sum(getattr(r, name) for r in results) for name in ("improved", "one_split"))
    return {
        "runs": n,
        "improved": improved,
        "improved_interval": exact_interval(improved, n),
        "one_split": one_split,
        "one_split_interval": exact_interval(one_split, n),
        "reported_gain": round(100 * fmean(result.reported for result in results), 2),
        "true_gain": round(100 * fmean(result.true for result in results), 2),
    }


def main() -> None:
    """Print the figures, one line of JSON for each landscape, and write them to a file."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sets", type=int, default=100, help="cross-validations of each line")
    parser.add_argument("--rows", type=int, default=60, help="rows of the task")
    parser.add_argument("--first", type=int, default=REPORTED, help="first seed")
    parser.add_argument("--workers", type=int, default=1, help="processes")
    parser.add_argument("--json", type=Path, help="file of the figures")
    options = parser.parse_args()
    seeds = range(options.first, options.first + options.sets)
    found = {"date": date.today().isoformat(), "first_seed": options.first, "rows_of_task": options.rows,
             "folds": FOLDS, "steps": STEPS, "rows": list[Any]()}  # fmt: skip
    for row in rows_of(seeds, options.rows, options.workers):
        print(json.dumps(row), file=sys.stderr, flush=True)
        found["rows"].append(row)
        if options.json:
            options.json.write_text(f"{json.dumps(found, indent=1)}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
