"""Measure the search where the truth is known: false wins and savings by racing.

    python benchmarks/search.py null [--runs 200]
    python benchmarks/search.py racing [--runs 20]
    python benchmarks/search.py steps [--runs 16]

The whole system runs in this process on simulated models (benchmarks/landscape), whose accuracy under every
prompt can be computed. Runs differ in the seed of the landscape, of its examples and of the search.
"""

import argparse
import asyncio
import os
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from statistics import mean, stdev
from typing import Any

from landscape import Sizes, make_landscape

from transfer_prompting.agents.messages import ProposalsMade, RaceFinished, RunFinished, StageFinished
from transfer_prompting.agents.messages.codec import decode
from transfer_prompting.orchestration.budget.tracker import Terms
from transfer_prompting.orchestration.calls.model_pool import ModelPool
from transfer_prompting.orchestration.config.settings import Config
from transfer_prompting.orchestration.runtime.assembly import host_for, opening
from transfer_prompting.orchestration.runtime.engine import RunEngine
from transfer_prompting.orchestration.runtime.live_run import LiveRun
from transfer_prompting.storage.event import Event
from transfer_prompting.storage.log import EventLog

SIZES = Sizes(train=60, dev=100, test=200)
SLOTS = 16
FIRST_SEED = 1001
_UNLIMITED = 10**6
"""Number of steps that is never reached, because a budget of evaluations ends the stage."""


@dataclass(frozen=True)
class Plan:
    """Settings of one run."""

    landscape: str
    seed: int
    source: dict[str, Any] | None
    """Settings of the source stage, or None to search the target from scratch."""
    target: dict[str, Any]
    search: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Result:
    """Result of a run. All scores but `reported` are true accuracies on the target."""

    initial: float
    best: float
    attainable: float
    control: float | None
    reported: float
    """Accuracy of the best prompt on the held-out examples, as the verdict gives it."""
    improved: bool
    claims: int
    """Number of races that said "better" with evidence."""
    evaluations: int
    saved: int
    proposals: int


def carry_out(plan: Plan) -> Result:
    """Make one run, in this process or in a child."""
    return asyncio.run(_run(plan))


async def _run(plan: Plan) -> Result:
    world = make_landscape(plan.landscape, seed=plan.seed, sizes=SIZES)
    pool = ModelPool.of({"scorer": world.task_model(), "reference": world.proposer_model()})
    events: list[Event] = []
    with tempfile.TemporaryDirectory() as folder:
        world.write(Path(folder) / plan.landscape)
        config = configuration(plan, [name for name in world.tasks if name != "target"])
        log = await EventLog.open(":memory:")
        try:
            engine = RunEngine(await host_for(config.search_settings()))
            terms = Terms(accept_unreadable=True)  # Some landscapes begin with defective prompts only.
            live = LiveRun(log, "run", engine, pool, events.append, terms)
            verdict = await live.start(opening(config, Path(folder) / plan.landscape, pool))
        finally:
            await log.close()
    assert isinstance(verdict, RunFinished)
    return result_of(world, verdict, events)


def configuration(plan: Plan, sources: Sequence[str]) -> Config:
    stage = {"candidates": 3, "examples": SIZES.dev}
    return Config.model_validate(
        {
            "seed": plan.seed,
            "source": {"tasks": list(sources) if plan.source else [], **stage, **(plan.source or {})},
            "target": {"task": "target", "test_examples": SIZES.test, **stage, **plan.target},
            # The library of seed prompts is written for real tasks and would only add noise here.
            "search": {"seed_prompts": False, **plan.search},
            "models": {role: {"provider": "smollm2"} for role in ("scorer", "reference")},
        }
    )


def result_of(world: Any, verdict: RunFinished, events: Sequence[Event]) -> Result:
    stages, claims, proposals = [], 0, 0
    for event in events:
        if event.kind in ("stage.finished", "race.finished", "proposals.made"):
            message = decode(event)
            if isinstance(message, StageFinished) and message.stage != "control":
                stages.append(message)
            elif isinstance(message, RaceFinished):
                claims += sum(result.outcome == "better" for result in message.results)
            elif isinstance(message, ProposalsMade):
                proposals += len(message.candidates)
    return Result(
        initial=world.true_accuracy(verdict.initial.text),
        best=world.true_accuracy(verdict.best.text),
        attainable=world.attainable(),
        control=world.true_accuracy(verdict.control.text) if verdict.control else None,
        reported=verdict.comparisons[0].best,
        improved=verdict.improved,
        claims=claims,
        evaluations=sum(stage.evaluations for stage in stages),
        saved=sum(stage.saved for stage in stages),
        proposals=proposals,
    )


def null(runs: int, workers: ProcessPoolExecutor) -> None:
    """Print how often a win is claimed although no prompt helps."""
    plans = [Plan("null", seed, {"steps": 3}, {"steps": 8}) for seed in _seeds(runs)]
    found = list(workers.map(carry_out, plans))
    wins, claims = sum(r.improved for r in found), sum(r.claims > 0 for r in found)
    gaps = [100 * (r.reported - r.best) for r in found]
    print(f"{runs} runs of the landscape `null`, {mean(r.evaluations for r in found):.0f} evaluations each")
    print(f'- verdict "improvement found": {wins} ({100 * wins / runs:.1f} %)')
    print(f'- runs in which a race claimed "better": {claims} ({100 * claims / runs:.1f} %)')
    print(f"- reported minus true accuracy: {_spread(gaps)} points")


def racing(runs: int, workers: ProcessPoolExecutor) -> None:
    """Compare full evaluation of every prompt with races of as many steps, and of half the cost."""
    steps = {"steps": 10, "patience": 10}
    whole = _raced(runs, workers, steps, races=False)
    # A stage ends with the step in which its budget runs out, and so spends a little more.
    half = round(mean(r.evaluations for r in whole) * 0.46)
    rows = {
        "all examples for all, 10 steps": whole,
        "racing, 10 steps": _raced(runs, workers, steps, races=True),
        "racing, half as many evaluations": _raced(
            runs, workers, {"steps": _UNLIMITED, "patience": _UNLIMITED, "budget": half}, races=True
        ),
    }
    print("| hidden_rules, 3 proposals a step | evaluations | true accuracy | reported - true |")
    print("|---|---|---|---|")
    for name, found in rows.items():
        gap = _spread([100 * (r.reported - r.best) for r in found])
        best = _spread([100 * r.best for r in found])
        print(f"| {name} | {mean(r.evaluations for r in found):.0f} | {best} | {gap} |")


def _raced(runs: int, workers: ProcessPoolExecutor, target: dict[str, int], *, races: bool) -> list[Result]:
    plans = [Plan("hidden_rules", seed, None, target, {"racing": races}) for seed in _seeds(runs)]
    return list(workers.map(carry_out, plans))


def steps(runs: int, workers: ProcessPoolExecutor) -> None:
    """Print the cost of several steps under way at a time, at the same number of evaluations."""
    print("| steps at once | proposals a step | evaluations | true accuracy | evaluations | true accuracy |")
    print("|---|---|---|---|---|---|")
    for at_once, candidates in ((1, 3), (2, 3), (5, 5)):
        cells = []
        for budget in (800, 1600):
            target = {"steps": _UNLIMITED, "patience": _UNLIMITED, "candidates": candidates, "budget": budget}
            search = {"concurrent_steps": at_once}
            plans = [Plan("hidden_rules", seed, None, target, search) for seed in _seeds(runs)]
            found = list(workers.map(carry_out, plans))
            best = _spread([100 * r.best for r in found])
            cells.append(f"{mean(r.evaluations for r in found):.0f} | {best}")
        print(f"| {at_once} | {candidates} | {' | '.join(cells)} |", flush=True)


def _seeds(runs: int) -> range:
    """Return as many seeds, on which nothing was tuned."""
    return range(FIRST_SEED, FIRST_SEED + runs)


def _spread(values: Sequence[float]) -> str:
    """Return the mean and its standard error as text."""
    error = stdev(values) / len(values) ** 0.5 if len(values) > 1 else float("nan")
    return f"{mean(values):.1f} ± {error:.1f}"


QUESTIONS: dict[str, tuple[Callable[[int, ProcessPoolExecutor], None], int]] = {
    "null": (null, 200),
    "racing": (racing, 20),
    "steps": (steps, 16),
}


def main() -> None:
    """Answer one of the questions."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("question", choices=QUESTIONS)
    parser.add_argument("--runs", type=int)
    parser.add_argument("--workers", type=int, default=os.cpu_count(), help="processes")
    options = parser.parse_args()
    answer, runs = QUESTIONS[options.question]
    with ProcessPoolExecutor(options.workers) as workers:
        answer(options.runs or runs, workers)


if __name__ == "__main__":
    main()
