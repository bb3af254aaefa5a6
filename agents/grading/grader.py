"""The grader: all metrics of one task, applied to the replies of one request."""

from collections.abc import Awaitable, Callable, Sequence
from itertools import accumulate

from ...prompts.metrics.builtin import default_metric, grade
from ...prompts.metrics.grade import Grade
from ...prompts.metrics.judge_options import JUDGE
from ...prompts.metrics.settings import MetricSettings
from ...prompts.reading.answers import is_right
from ...prompts.task import Task
from ..messages import CallFailed
from ..messages.scores import Outcome
from ..models.base import ModelReply, ModelRequest
from .functions import FUNCTIONS, FunctionMetric, answer_read, reading_request
from .journalled import JournalledMetric
from .judge import JudgeMetric
from .outcomes import Answered, outcome_of

Ask = Callable[[Sequence[tuple[str, ModelRequest]], str], Awaitable[list[ModelReply | CallFailed]]]
"""A function that sends requests to a model, given by its name, and returns the outcomes in their order."""


class Grader:
    """The metrics of a task. The first is the main one."""

    def __init__(self, task: Task) -> None:
        self._task = task
        metrics = task.metrics or ((default_metric(task.answer.type),) if _is_graded(task) else ())
        self._main = metrics[0].name if metrics else None
        self._computed = [metric for metric in metrics if not is_journalled(metric)]
        self._journalled = [journalled(metric, task) for metric in metrics if is_journalled(metric)]

    def outcome(self, one: Answered) -> Outcome | None:
        """Return the outcome of a reply; None if calls have to be made for it, as `outcomes` does."""
        if self._journalled or self._task.answer.function:
            return None
        return self._outcome(one, self._compute(one))

    async def outcomes(self, answered: Sequence[Answered], ask: Ask) -> list[Outcome | None]:
        """Return the outcome of each reply; None if a function has failed on it, so that nothing is known."""
        if self._task.answer.function:
            found = await self._read(answered, ask)
            readable = await self._grade([one for one in found if one is not None], ask)
            left = iter(readable)
            return [None if one is None else next(left) for one in found]
        return await self._grade(answered, ask)

    async def _read(self, answered: Sequence[Answered], ask: Ask) -> list[Answered | None]:
        """Return the replies with the answers that the task's own function reads in them."""
        requests = [reading_request(self._task, one.example, one.output) for one in answered]
        replies = await ask(requests, FUNCTIONS)
        return [
            None
            if isinstance(reply, CallFailed)
            else one.with_answer(answer_read(self._task, one.example, reply))
            for one, reply in zip(answered, replies, strict=True)
        ]

    async def _grade(self, answered: Sequence[Answered], ask: Ask) -> list[Outcome | None]:
        grades: list[dict[str, Grade] | None] = [self._compute(one) for one in answered]
        for metric in self._journalled:
            await self._add(metric, answered, grades, ask)
        return [
            None if found is None else self._outcome(one, found)
            for one, found in zip(answered, grades, strict=True)
        ]

    def _compute(self, one: Answered) -> dict[str, Grade]:
        return {metric.name: grade(metric, self._task, one.example, one.output) for metric in self._computed}

    async def _add(
        self,
        metric: JournalledMetric,
        answered: Sequence[Answered],
        grades: list[dict[str, Grade] | None],
        ask: Ask,
    ) -> None:
        """Ask a metric for the grades of all outputs together, and add them."""
        wanted = [metric.requests(self._task, one.example, one.output) for one in answered]
        first = await _ask_all(wanted, metric.model, ask)
        more = [metric.again(requests, found) for requests, found in zip(wanted, first, strict=True)]
        further = await _ask_all(more, metric.model, ask)
        for at, (answers, others) in enumerate(zip(first, further, strict=True)):
            found = metric.grade([*answers, *others])
            known = grades[at]
            grades[at] = None if found is None or known is None else {**known, metric.name: found}

    def _outcome(self, one: Answered, grades: dict[str, Grade]) -> Outcome:
        correct = self._main is None and is_right(one.reading.answer, self._task, one.example)
        return outcome_of(one, correct, grades, self._main)


def is_journalled(metric: MetricSettings) -> bool:
    """Return whether a metric asks outside: a function of the user's, or a judge."""
    return metric.use == JUDGE or metric.function is not None


def journalled(metric: MetricSettings, task: Task) -> JournalledMetric:
    """Return the metric of `task` that `metric`, which asks outside, describes."""
    return JudgeMetric(metric, task) if metric.use == JUDGE else FunctionMetric(metric.name)


async def _ask_all(
    wanted: Sequence[Sequence[tuple[str, ModelRequest]]], model: str, ask: Ask
) -> list[list[ModelReply | CallFailed]]:
    """Send all requests together; return the answers to the requests of each output."""
    answers = await ask([request for requests in wanted for request in requests], model)
    ends = list(accumulate(map(len, wanted)))
    return [answers[end - len(requests) : end] for end, requests in zip(ends, wanted, strict=True)]


def _is_graded(task: Task) -> bool:
    """Return whether being right is not all that counts, although the task names no metric."""
    return task.answer.type in ("list", "json")
