"""One run of the whole system on a landscape with graded values, and what it found and claimed."""

import asyncio
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from unittest.mock import patch

from landscape import CONSTRAINTS, PermutedWorld, Sizes, World, make_graded, make_permuted_world
from landscape.permuted import SHY

from transfer_prompting.agents.messages import (
    GoldDoubted,
    Message,
    RunFinished,
    RunStarted,
    StageFinished,
    TaskLoaded,
)
from transfer_prompting.agents.messages.codec import decode
from transfer_prompting.orchestration.budget.tracker import Terms
from transfer_prompting.orchestration.calls.model_pool import ModelPool
from transfer_prompting.orchestration.config.settings import Config
from transfer_prompting.orchestration.runtime.assembly import host_for, versions
from transfer_prompting.orchestration.runtime.engine import RunEngine
from transfer_prompting.orchestration.runtime.live_run import LiveRun
from transfer_prompting.storage.event import Event
from transfer_prompting.storage.log import EventLog

SIZES = Sizes(train=30, dev=40, test=60)
STEPS = 5
_READ = ("run.finished", "stage.finished", "gold.doubted")


@dataclass(frozen=True, slots=True)
class Plan:
    """Settings of one run."""

    landscape: str
    """Name of a graded landscape, or "permuted" for one with permuted right answers."""
    seed: int
    helpful: bool = True
    """False for a landscape on which all prompts are worth the same."""
    composite: bool = False
    """True if the composite score decides rather than the main metric."""
    guarded: bool = True
    """False to take away the guard of the main metric, to see what it prevents."""
    permuted: float = 1.0
    """Share of the examples, in [0, 1], whose right answers were permuted on the landscape "permuted"."""
    shy: float = SHY
    """Factor by which shy answers are less often right on the landscape "permuted"."""
    sizes: Sizes = SIZES
    steps: int = STEPS


@dataclass(frozen=True, slots=True)
class Result:
    """Result of one run. The values are those of the main metric, in [0, 1]; "true" ones are exact."""

    plan: Plan
    initial: float
    """True value of the user's best prompt."""
    best: float
    """True value of the prompt that the run reports as its best."""
    attainable: float
    reported: float
    """Value of the best prompt on the held-out examples, as the verdict gives it."""
    reported_gain: float
    improved: bool
    evaluations: int
    breach: float
    """By how much the best prompt truly misses the constraint; 0 if it keeps it, or if there is none."""
    doubts: "Doubts | None" = None
    """What the reference agent's model doubted, on a landscape with wrong answers."""

    @property
    def gain(self) -> float:
        """True gain over the user's best prompt."""
        return self.best - self.initial


@dataclass(frozen=True, slots=True)
class Doubts:
    """Numbers of examples of a task with wrong right answers."""

    wrong: int
    """Examples with a wrong answer, among those that the model was shown."""
    doubted: int
    found: int
    """Wrong ones among those that were doubted."""

    @classmethod
    def of(cls, world: PermutedWorld, doubted: Collection[str]) -> "Doubts":
        """Count the ids in `doubted`, and what the landscape's expert was shown."""
        shown = {f"case-{number}" for number in world.expert.shown}
        return cls(len(world.wrong & shown), len(set(doubted)), len(world.wrong & set(doubted)))


def carry_out(plan: Plan) -> Result:
    """Make one run, in this process or in a child."""
    with nullcontext() if plan.guarded else unguarded():
        return asyncio.run(_run(plan))


def make_world(plan: Plan) -> World:
    """Return the landscape of a run."""
    if plan.landscape == "permuted":
        return make_permuted_world(plan.seed, plan.sizes, plan.permuted, plan.shy)
    return make_graded(plan.landscape, plan.seed, plan.sizes, helpful=plan.helpful)


@contextmanager
def unguarded() -> Iterator[None]:
    """Take away the guard of the main metric, as long as the context is open."""
    package = "transfer_prompting.agents"
    with (
        patch(f"{package}.search.metric_guard.worse", return_value=None),
        patch(f"{package}.scoring.finding.worse", return_value=None),
        patch(f"{package}.scoring.verdict.worse", return_value=None),
    ):
        yield


async def _run(plan: Plan) -> Result:
    world = make_world(plan)
    config = configuration(plan)
    pool = ModelPool.of(world.models())
    messages: list[Message] = []

    def watch(event: Event) -> None:
        if event.kind in _READ:
            messages.append(decode(event))

    log = await EventLog.open(":memory:")
    try:
        engine = RunEngine(await host_for(config.search_settings()))
        live = LiveRun(log, "run", engine, pool, watch, Terms(accept_unreadable=True))
        verdict = await live.start(opening(config, world, pool))
    finally:
        await log.close()
    assert isinstance(verdict, RunFinished)
    return result_of(plan, world, verdict, messages)


def configuration(plan: Plan) -> Config:
    """Return the configuration of a run."""
    search = {
        # The library of seed prompts is written for real tasks and would only add noise here.
        "seed_prompts": False,
        "briefing": "full",
        "max_tokens": 200,
        "constraints": CONSTRAINTS.get(plan.landscape, ()),
        "objective": "composite" if plan.composite else "metric",
    }
    target = {
        "task": "target",
        "steps": plan.steps,
        "patience": plan.steps,
        "examples": plan.sizes.dev,
        "test_examples": plan.sizes.test,
    }
    models = {role: {"provider": "smollm2"} for role in ("scorer", "reference")}
    return Config.model_validate({"seed": plan.seed, "target": target, "search": search, "models": models})


def opening(config: Config, world: World, pool: ModelPool) -> list[Message]:
    """Return the opening messages of a run; the task comes from memory rather than from files."""
    task = world.task
    return [
        RunStarted(
            name=config.name,
            seed=config.seed,
            config=config.model_dump(mode="json", exclude={"log"}),
            source_tasks=(),
            target_tasks=(task.name,),
            models=pool.identities,
            versions=versions(),
        ),
        TaskLoaded(task=task, stage="target", origin=task.name, digest=task.digest()),
    ]


def result_of(plan: Plan, world: World, verdict: RunFinished, messages: Sequence[Message]) -> Result:
    """Return what a run found and claimed, beside the truth."""
    main = verdict.comparisons[0]
    doubted = {message.example for message in messages if isinstance(message, GoldDoubted)}
    stages = [message for message in messages if isinstance(message, StageFinished)]
    return Result(
        plan=plan,
        initial=world.true_value(verdict.initial.text),
        best=world.true_value(verdict.best.text),
        attainable=world.true_value(world.best_prompt()),
        reported=main.best,
        reported_gain=main.difference,
        improved=verdict.improved,
        evaluations=sum(stage.evaluations for stage in stages),
        breach=_breach(plan, world, verdict.best.text),
        doubts=Doubts.of(world, doubted) if isinstance(world, PermutedWorld) else None,
    )


def _breach(plan: Plan, world: World, prompt: str) -> float:
    limits = [text.split(" >= ") for text in CONSTRAINTS.get(plan.landscape, ())]
    measures = world.true_measures(prompt)
    return max((0.0, *(float(limit) - measures[name] for name, limit in limits)))
