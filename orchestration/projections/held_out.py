"""The finalists on the held-out examples: who gained and lost which, and how well calibrated they are."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from ...agents.messages.scores import Outcome
from ...agents.scoring.intervals import wilson
from ...agents.scoring.metrics import ECE_BINS
from .history import RunHistory

Change = Literal["gained", "lost", "both right", "both wrong"]


@dataclass(frozen=True, slots=True)
class Pair:
    """A held-out example with what the baseline and the best prompt said. Texts are None where redacted."""

    example: str
    question: str | None
    wanted: str | None
    initial: str | None
    """The baseline's answer; None where none could be read."""
    best: str | None
    change: Change


@dataclass(frozen=True, slots=True)
class Bin:
    """Answers of a prompt whose confidence lies in [`low`, `high`): how sure they were, and how right."""

    low: float
    high: float
    confidence: float
    accuracy: float
    accuracy_low: float
    """Ends of the 95 % interval of the accuracy."""
    accuracy_high: float
    examples: int


@dataclass(frozen=True, slots=True)
class Reliability:
    """The calibration of one finalist on the held-out examples."""

    role: str
    """"best", "initial" or "control"."""
    prompt: str
    bins: tuple[Bin, ...]


def finalists(account: RunHistory) -> dict[str, str]:
    """Role in the verdict -> id of the prompt; empty as long as there is no verdict."""
    finished = account.view.finished
    if finished is None:
        return {}
    found = {"best": finished.best.id, "initial": finished.initial.id}
    return found | ({"control": finished.control.id} if finished.control else {})


def pairs(account: RunHistory) -> list[Pair]:
    """The held-out examples, what the best prompt gained first, then what it lost."""
    roles, finals = finalists(account), account.finals()
    best, initial = finals.get(roles.get("best", "")), finals.get(roles.get("initial", ""))
    if best is None or initial is None:
        return []
    theirs = {outcome.example: outcome for outcome in initial.outcomes}
    found = [
        _pair(account, best.task, outcome, theirs[outcome.example])
        for outcome in best.outcomes
        if outcome.example in theirs
    ]
    order = ("gained", "lost", "both wrong", "both right")
    return sorted(found, key=lambda pair: order.index(pair.change))


def _pair(account: RunHistory, task: str, best: Outcome, initial: Outcome) -> Pair:
    example = account.example(task, best.example)
    changes: dict[tuple[bool, bool], Change] = {
        (False, True): "gained",
        (True, False): "lost",
        (True, True): "both right",
        (False, False): "both wrong",
    }
    return Pair(
        example=best.example,
        question=example.question if example else None,
        wanted=example.answer if example else None,
        initial=initial.answer,
        best=best.answer,
        change=changes[initial.correct, best.correct],
    )


def reliabilities(account: RunHistory) -> list[Reliability]:
    """For each finalist whose answers have a confidence: ten bins as in the ECE, the empty ones left out."""
    finals = account.finals()
    found: list[Reliability] = []
    for role, id_ in finalists(account).items():
        bins = _bins(finals[id_].outcomes) if id_ in finals else ()
        if bins and id_ not in {known.prompt for known in found}:
            found.append(Reliability(role, id_, bins))
    return found


def _bins(outcomes: Iterable[Outcome]) -> tuple[Bin, ...]:
    inside: dict[int, list[tuple[float, bool]]] = {}
    for outcome in outcomes:
        if outcome.confidence is not None:
            place = min(int(outcome.confidence * ECE_BINS), ECE_BINS - 1)
            inside.setdefault(place, []).append((outcome.confidence, outcome.correct))
    return tuple(_bin(place, inside[place]) for place in sorted(inside))


def _bin(place: int, answers: list[tuple[float, bool]]) -> Bin:
    n = len(answers)
    accuracy = sum(right for _, right in answers) / n
    low, high = wilson(accuracy, n)
    return Bin(
        low=place / ECE_BINS,
        high=(place + 1) / ECE_BINS,
        confidence=sum(confidence for confidence, _ in answers) / n,
        accuracy=accuracy,
        accuracy_low=low,
        accuracy_high=high,
        examples=n,
    )
