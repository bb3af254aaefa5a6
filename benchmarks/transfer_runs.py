"""One simulated run with or without source tasks, and what it found by the number of evaluations."""

import asyncio
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from landscape import Landscape, Sizes, make_landscape
from simulated_run import simulate

from transfer_prompting.agents.messages import (
    PromptPromoted,
    PromptScored,
    RaceFinished,
    RunFinished,
    ScoringRequested,
    StageFinished,
    TargetFinished,
)
from transfer_prompting.agents.messages.codec import decode
from transfer_prompting.agents.stage_names import stage_target
from transfer_prompting.orchestration.config.settings import Config
from transfer_prompting.storage.event import Event

SOURCE = Sizes(train=60, dev=100, test=1)
LABELS = {
    16: Sizes(train=8, dev=8, test=40),
    32: Sizes(train=16, dev=16, test=40),
    100: Sizes(train=60, dev=100, test=40),
}
"""Labelled examples of the target -> sizes of its splits; with 100, 60 more serve as training examples."""
ENDLESS = 10**6
"""Number of steps that is never reached, because a budget of evaluations ends the stage."""


@dataclass(frozen=True, slots=True)
class Plan:
    """One run: its landscape and seed, the labels of the target, and its settings."""

    seed: int
    labels: int = 100
    landscape: str = "source_target"
    targets: int = 1
    """Number of related targets that the landscape has."""
    only: str = ""
    """The target to search for, if not for all of them in one run."""
    validity: float = 1.0
    source: dict[str, Any] | None = None
    """Settings of the source stage; None without source tasks."""
    target: dict[str, Any] = field(default_factory=dict)
    search: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Found:
    """What a run found. Accuracies are true ones of the target, in [0, 1]."""

    best: float
    """Accuracy of the last best prompt of the target stage."""
    first: float
    """Accuracy of the prompt that won the opening of the target stage."""
    promoted: list[float]
    """Accuracy of each promoted prompt."""
    source: int
    """Evaluations of the source stage."""
    target: int
    """Evaluations of the target stage."""
    curve: list[tuple[int, float]]
    """Evaluations of the target stage, and accuracy of the best prompt from then on."""

    def at(self, evaluations: int) -> float:
        """Return the accuracy of the best prompt after so many evaluations of the target stage."""
        return [self.curve[0][1], *(best for spent, best in self.curve if spent <= evaluations)][-1]


def carry_out(plan: Plan) -> dict[str, Any]:
    """Make one run in this process; return the fields of what it found."""
    return asdict(asyncio.run(_run(plan)))


def carry_out_several(plan: Plan) -> dict[str, float]:
    """Make one run in this process; return target -> true accuracy of its best prompt."""
    return asyncio.run(_several(plan))


async def _run(plan: Plan) -> Found:
    world = _world(plan)
    events = await _events(plan, world)
    return _found(world, events)


async def _several(plan: Plan) -> dict[str, float]:
    world = _world(plan)
    found = {}
    for event in await _events(plan, world):
        if event.kind not in ("target.finished", "run.finished"):
            continue
        match decode(event):
            case TargetFinished(stage=stage, verdict=verdict):
                found[stage_target(stage)] = world.true_accuracy(verdict.best.text, stage_target(stage))
            case RunFinished(best=best):
                found[plan.only] = world.true_accuracy(best.text, plan.only)
    return found


def _world(plan: Plan) -> Landscape:
    return make_landscape(
        plan.landscape,
        plan.seed,
        SOURCE,
        target_sizes=LABELS[plan.labels],
        validity=plan.validity,
        targets=plan.targets,
    )


async def _events(plan: Plan, world: Landscape) -> list[Event]:
    with tempfile.TemporaryDirectory() as folder:
        world.write(Path(folder))
        return await simulate(world, _config(plan, list(world.tasks)), Path(folder))


def _config(plan: Plan, tasks: Sequence[str]) -> Config:
    sources = [name for name in tasks if name.startswith("source")]
    targets = [name for name in tasks if name.startswith("target")]
    stage = {"candidates": 3, "steps": ENDLESS, "patience": ENDLESS}
    sizes = LABELS[plan.labels]
    source = (
        {"tasks": sources, "examples": SOURCE.dev, **stage, **plan.source} if plan.source is not None else {}
    )
    target = {"examples": sizes.dev, "test_examples": sizes.test, **stage, **plan.target}
    only = plan.only or (targets[0] if len(targets) == 1 else "")
    several = {"targets": {"tasks": targets, **target}}
    return Config.model_validate(
        {
            "seed": plan.seed,
            "source": source,
            **({"target": {"task": only, **target}} if only else several),
            # The library of seed prompts is written for real tasks and would only add noise here.
            "search": {"seed_prompts": False, **plan.search},
            "models": {role: {"provider": "smollm2"} for role in ("scorer", "reference")},
        }
    )


def _found(world: Any, events: Sequence[Event]) -> Found:
    texts: dict[str, str] = {}
    curve: list[tuple[int, float]] = []
    promoted, spent, sums = [], 0, {"source": 0, "target": 0}
    for event in events:
        if event.kind not in (
            "scoring.requested",
            "prompt.scored",
            "race.finished",
            "stage.finished",
            "prompt.promoted",
        ):
            continue
        match decode(event):
            case ScoringRequested(candidate=candidate):
                texts[candidate.id] = candidate.text
            case PromptPromoted() as message:
                promoted.append(world.true_accuracy(message.as_candidate.text))
            case PromptScored(stage="target", purpose="search") as message:
                spent += len(message.outcomes)
            case RaceFinished(stage="target", winner=str(winner)):
                curve.append((spent, world.true_accuracy(texts[winner])))
            case StageFinished() as message if message.stage in sums:
                sums[message.stage] = message.evaluations
    return Found(curve[-1][1], curve[0][1], promoted, sums["source"], sums["target"], curve)
