"""The finalists on the held-out examples: gains, losses and calibration."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from ...agents.messages.scores import Outcome
from ...agents.scoring.intervals import wilson
from ...agents.scoring.metrics import ECE_BINS
from ...prompts.sums import summed
from .history import RunHistory

PairChange = Literal["gained", "lost", "both right", "both wrong"]
"""Which prompt does better in the main metric; if none does, whether both are right or not wholly right."""
_ORDER: tuple[PairChange, ...] = ("gained", "lost", "both wrong", "both right")


@dataclass(frozen=True, slots=True)
class AnswerPair:
    """A held-out example with the answers of the baseline and the best prompt. Redacted texts are None."""

    example: str
    question: str | None
    wanted: str | None
    initial: str | None
    """The baseline's answer; None if none could be read."""
    best: str | None
    change: PairChange


@dataclass(frozen=True, slots=True)
class CalibrationBin:
    """Answers with a confidence in [`low`, `high`): their mean confidence and their accuracy."""

    low: float
    high: float
    confidence: float
    accuracy: float
    accuracy_low: float
    """Lower end of the 95% interval of the accuracy."""
    accuracy_high: float
    examples: int


@dataclass(frozen=True, slots=True)
class Reliability:
    """Calibration of one finalist on the held-out examples."""

    role: str
    """"best", "initial" or "control"."""
    prompt: str
    bins: tuple[CalibrationBin, ...]


def finalists(history: RunHistory) -> dict[str, str]:
    """Return the id of the prompt for each role in the verdict; empty before the verdict."""
    finished = history.state.finished
    if finished is None:
        return {}
    found = {"best": finished.best.id, "initial": finished.initial.id}
    return found | ({"control": finished.control.id} if finished.control else {})


def answer_pairs(history: RunHistory) -> list[AnswerPair]:
    """Return the examples of the verdict: gains of the best prompt first, then its losses."""
    roles, finals = finalists(history), history.state.finals
    best, initial = roles.get("best", ""), roles.get("initial", "")
    if best not in finals or initial not in finals:
        return []
    baseline = {outcome.example: outcome for outcome in finals.outcomes(initial)}
    found = [
        _pair(history, finals.task(best), outcome, baseline[outcome.example])
        for outcome in finals.outcomes(best)
        if outcome.example in baseline
    ]
    return sorted(found, key=lambda pair: _ORDER.index(pair.change))


def _pair(history: RunHistory, task: str, best: Outcome, initial: Outcome) -> AnswerPair:
    example = history.example(task, best.example)
    return AnswerPair(
        example=best.example,
        question=example.question if example else None,
        wanted=example.answer if example else None,
        initial=initial.answer,
        best=best.answer,
        change=_change(initial, best),
    )


def _change(initial: Outcome, best: Outcome) -> PairChange:
    """Return which of the two does better in the main metric, or how both do."""
    if best.value != initial.value:
        return "gained" if best.value > initial.value else "lost"
    return "both right" if best.correct else "both wrong"


def reliabilities(history: RunHistory) -> list[Reliability]:
    """Return the calibration of each finalist whose answers have a confidence; empty bins are left out."""
    finals = history.state.finals
    found: list[Reliability] = []
    for role, id_ in finalists(history).items():
        bins = _bins(finals.outcomes(id_)) if id_ in finals else ()
        if bins and id_ not in {known.prompt for known in found}:
            found.append(Reliability(role, id_, bins))
    return found


def _bins(outcomes: Iterable[Outcome]) -> tuple[CalibrationBin, ...]:
    inside: dict[int, list[tuple[float, bool]]] = {}
    for outcome in outcomes:
        if outcome.confidence is not None:
            place = min(int(outcome.confidence * ECE_BINS), ECE_BINS - 1)
            inside.setdefault(place, []).append((outcome.confidence, outcome.correct))
    return tuple(_bin(place, inside[place]) for place in sorted(inside))


def _bin(place: int, answers: list[tuple[float, bool]]) -> CalibrationBin:
    n = len(answers)
    accuracy = sum(right for _, right in answers) / n
    low, high = wilson(accuracy, n)
    return CalibrationBin(
        low=place / ECE_BINS,
        high=(place + 1) / ECE_BINS,
        confidence=summed(confidence for confidence, _ in answers) / n,
        accuracy=accuracy,
        # Rounding can put a bound of Wilson's interval beyond the value itself.
        accuracy_low=min(low, accuracy),
        accuracy_high=max(high, accuracy),
        examples=n,
    )
