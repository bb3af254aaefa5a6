"""What a tracker of experiments is told about a run: all of it from the projections."""

from collections.abc import Iterator
from dataclasses import dataclass

from ...agents.messages import Comparison, RunFinished
from ...agents.scoring.objective import COMPOSITE_TITLE
from ..projections.cost_breakdown import by_role
from ..projections.history import RunHistory
from ..projections.learning_curve import LearningPoint, learning_curve
from ..projections.run_comparison import money_spent
from ..projections.run_status import Status
from .names import name_of
from .parameters import parameters_of


@dataclass(frozen=True, slots=True)
class RunFacts:
    """A run as far as it has come. Times are in milliseconds since 1970."""

    identity: str
    run: str
    status: Status
    ended: bool
    began: int
    last: int
    evaluations: int
    parameters: dict[str, str]
    curve: dict[str, list[LearningPoint]]
    """Name of the curve of a stage -> its points, in order."""
    figures: dict[str, float]
    """Final measures with intervals, and costs."""
    words: dict[str, str]
    """Name of the run, status and verdict."""
    prompts: dict[str, str]
    """Name of a file -> the best prompt, of each target."""


def facts_of(history: RunHistory, identity: str) -> RunFacts:
    """Return what there is to tell about a run, which need not be finished."""
    state = history.state
    clock = state.clock
    return RunFacts(
        identity=identity,
        run=history.run,
        status=state.status,
        ended=state.ended,
        began=(clock.first_at or 0) // 1000,
        last=clock.last_at // 1000,
        evaluations=state.evaluations,
        parameters=parameters_of(history.opening),
        curve=_curves(history),
        figures={name: float(value) for name, value in (*_verdicts(history), *_costs(history))},
        words=_words(history),
        prompts=dict(_prompts(history)),
    )


def _curves(history: RunHistory) -> dict[str, list[LearningPoint]]:
    score = COMPOSITE_TITLE if history.state.composite else history.state.metric
    found: dict[str, list[LearningPoint]] = {}
    for point in learning_curve(history).points:
        found.setdefault(name_of(point.stage, score), []).append(point)
    return found


def _finished(history: RunHistory) -> dict[str, RunFinished]:
    """Return the verdicts by target; the only target is called ""."""
    state = history.state
    return {"": state.finished} if state.finished else dict(state.reached)


def _verdicts(history: RunHistory) -> Iterator[tuple[str, float]]:
    if history.state.no_result is not None:
        return
    for target, finished in _finished(history).items():
        place = ("verdict", target) if target else ("verdict",)
        for comparison in finished.comparisons:
            yield from _compared((*place, comparison.title), comparison)
        for comparison in finished.against_control:
            yield from _compared((*place, "against control", comparison.title), comparison)
        yield name_of(*place, "improved"), finished.improved
        if finished.p_value is not None:
            yield name_of(*place, "p value"), finished.p_value


def _compared(place: tuple[str, ...], comparison: Comparison) -> Iterator[tuple[str, float]]:
    yield name_of(*place, "best"), comparison.best
    yield name_of(*place, "other"), comparison.other
    yield name_of(*place, "gain"), comparison.difference
    yield name_of(*place, "gain low"), comparison.low
    yield name_of(*place, "gain high"), comparison.high
    yield name_of(*place, "examples"), comparison.n


def _costs(history: RunHistory) -> Iterator[tuple[str, float]]:
    state = history.state
    money = money_spent(state)
    for unit, amount in state.spending.spent(state.elapsed).items():
        if unit != "money" or money is not None:
            yield name_of("cost", unit), amount
    for cost in by_role(history):
        yield name_of("cost", cost.role, "calls"), cost.calls
        yield name_of("cost", cost.role, "tokens"), cost.tokens
        if cost.money is not None:
            yield name_of("cost", cost.role, "money"), cost.money


def _words(history: RunHistory) -> dict[str, str]:
    state = history.state
    words = {"name": history.opening.name, "status": state.status}
    if state.verdict is not None:
        words["verdict"] = state.verdict
    if state.no_result is not None:
        words["no result"] = state.no_result
    if state.winner is not None:
        words["best prompt"] = state.winner.id
    return words


def _prompts(history: RunHistory) -> Iterator[tuple[str, str]]:
    if history.state.winner is not None:
        yield "best_prompt.txt", history.state.winner.text
    for target, finished in history.state.reached.items():
        yield f"best_prompt_{name_of(target)}.txt", finished.best.text
