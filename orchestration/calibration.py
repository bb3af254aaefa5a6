"""Let a judge grade responses that people have rated, outside of any run, and compare the two."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from statistics import fmean
from typing import Any

from ..agents.grading.judge import Answer, JudgeMetric
from ..agents.messages import CallFailed
from ..agents.models.base import FATAL, ModelError, ModelRequest
from ..agents.models.tariff import Cost
from ..agents.scoring.agreement import Agreement, agreement
from ..prompts.loading.cells import MISSING, find_cell
from ..prompts.message_templates import value_text
from ..prompts.metrics.grade import Grade, Output
from ..prompts.metrics.judge_options import NOISE
from ..prompts.task import Example, Task
from .calls.model_pool import PooledModel
from .calls.retry import Failed, ask, pay_nothing
from .errors import ConfigError


@dataclass(frozen=True, slots=True)
class Rated:
    """A given response with its rating by a person, as a share of the scale in [0, 1]."""

    example: Example
    response: str
    human: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """What a judge and people say of the same responses."""

    agreement: Agreement
    rated: int
    """Number of responses that a person has rated, and that the judge was asked about."""
    unreadable: int
    """Number of these that have no grade, because a reply could not be read or a call has failed."""
    noise: float | None
    """Mean standard deviation of the judge's samples; None with one sample."""
    cost: Cost


def rated_examples(judge: JudgeMetric, examples: Sequence[Example]) -> list[Rated]:
    """Return the examples that have a response and a rating.

    Raises `ConfigError` naming the metric if it has no `calibrate`, or the example if its rating is no number
    on the scale; `MetricError` if the judge needs a right answer that the example lacks.
    """
    columns = judge.options.calibrate
    if columns is None:
        raise ConfigError(
            f'metric "{judge.name}" does not say which responses people have rated: give it calibrate = '
            '{ response = "COLUMN", label = "COLUMN" }.'
        )
    found = []
    for example in examples:
        response, label = (find_cell(example.columns, name) for name in (columns.response, columns.label))
        if _is_given(response) and _is_given(label):
            judge.check(example)
            found.append(Rated(example, value_text(response), _share(judge, example, label, columns.label)))
    if not found:
        raise ConfigError(
            f"No example has both a response in the column {columns.response!r} and a rating in the column "
            f"{columns.label!r}. Correct the names in calibrate, or rate some responses."
        )
    return found


async def calibrate(
    task: Task, judge: JudgeMetric, rated: Sequence[Rated], pooled: PooledModel
) -> Calibration:
    """Ask the judge's model about each response, as many requests at once as it has slots.

    A failed call is retried like those of a run. Raise `ModelError` for a failure that every other call
    would meet too.
    """
    asking = _Asking(pooled)
    async with asyncio.TaskGroup() as group:
        jobs = [group.create_task(_grade(task, judge, one, asking)) for one in rated]
    if asking.fatal is not None:
        raise asking.fatal
    grades = [job.result() for job in jobs]
    known = [(grade, one) for grade, one in zip(grades, rated, strict=True) if grade is not None]
    noise = [grade.parts[NOISE] for grade, _ in known if NOISE in grade.parts]
    return Calibration(
        agreement=agreement([grade.value for grade, _ in known], [one.human for _, one in known]),
        rated=len(rated),
        unreadable=len(rated) - len(known),
        noise=fmean(noise) if noise else None,
        cost=asking.cost,
    )


class _Asking:
    """Asks a model outside of a run, and sums up what that costs."""

    def __init__(self, pooled: PooledModel) -> None:
        self._pooled = pooled
        self._slots = asyncio.Semaphore(pooled.slots)
        self.cost = Cost()
        self.fatal: ModelError | None = None

    async def answer(self, request: ModelRequest) -> Answer:
        """Return the reply, or the failure; after a fatal one nothing more is sent."""
        async with self._slots:
            if self.fatal is not None:
                return _failure("not_supported", "not sent")
            outcome = await ask(self._pooled.model, request, pay_nothing)
        if isinstance(outcome, Failed):
            if outcome.cause in FATAL:
                self.fatal = ModelError(outcome.cause, outcome.error)
            return _failure(outcome.cause, outcome.error)
        self.cost += self._pooled.tariff.exact(outcome.reply)
        return outcome.reply


async def _grade(task: Task, judge: JudgeMetric, rated: Rated, asking: _Asking) -> Grade | None:
    asked = judge.requests(task, rated.example, Output(rated.response, None))
    first = await asyncio.gather(*(asking.answer(request) for _, request in asked))
    more = judge.again(asked, first)
    further = await asyncio.gather(*(asking.answer(request) for _, request in more))
    return judge.grade([*first, *further])


def _failure(cause: Any, error: str) -> CallFailed:
    return CallFailed(key="", cause=cause, error=error, attempts=0, final=True)


def _is_given(cell: object) -> bool:
    return cell is not MISSING and cell is not None and str(cell).strip() != ""


def _share(judge: JudgeMetric, example: Example, label: object, column: str) -> float:
    """Return a person's rating as a share of the scale."""
    low, high = (0, 1) if judge.options.mode == "pairwise" else judge.options.scale
    try:
        value = float(str(label).strip().replace(",", "."))
    except ValueError:
        value = float("nan")
    if not (isfinite(value) and low <= value <= high):
        raise ConfigError(
            f"example {example.id!r}: the rating {str(label)[:40]!r} in the column {column!r} is no number "
            f"from {low} to {high}. Correct it, or set the scale of the metric."
        )
    return (value - low) / (high - low)
