"""Estimate the cost of judging responses, before any has been given."""

from collections.abc import Sequence
from statistics import fmean

from ...agents.grading.judge import JudgeMetric, judges_of
from ...agents.models.base import ModelRequest
from ...agents.models.tariff import Cost, Tariff
from ...agents.models.token_bounds import prompt_bound
from ...prompts.errors import TaskError
from ...prompts.metrics.grade import Output
from ...prompts.task import Example, Task
from .reply_statistics import ReplyUsage

JUDGED = "x" * 1000
"""A response of usual length, in place of those that are not known yet."""
JUDGEMENT = 60
"""Tokens of a score with its reason, before any has been seen."""
TOKENS_PER_BYTE = 0.25
_PLACES = 50
"""Number of examples whose requests are looked at."""

Place = tuple[Task, Example]


def judge_requests(judges: Sequence[JudgeMetric], task: Task, example: Example) -> list[ModelRequest]:
    """Return the requests about one response; none if the example does not allow any."""
    try:
        return [
            request for judge in judges for _, request in judge.requests(task, example, Output(JUDGED, None))
        ]
    except (TaskError, ValueError):
        return []


def judging_costs(
    places: Sequence[Place], tariff: Tariff, usage: ReplyUsage | None
) -> tuple[Cost, Cost] | None:
    """Return the most and the typical cost of judging one response; None if no judge is asked.

    At most, each request is sent once more. What is typical follows from `usage`, or else is a guess.
    """
    judges = {task.name: judges_of(task) for task, _ in places}
    chosen = places[:: max(1, len(places) // _PLACES)]
    found = [judge_requests(judges[task.name], task, example) for task, example in chosen]
    if not any(found):
        return None
    most = max((sum(map(tariff.most, requests), Cost()) for requests in found), key=lambda cost: cost.tokens)
    calls = round(fmean(map(len, found)))
    prompt = fmean(_prompt(request, tariff, usage) for requests in found for request in requests)
    completion = usage.completion / usage.replies if usage else JUDGEMENT
    return most * 2, tariff.used(round(prompt), round(completion)) * calls


def _prompt(request: ModelRequest, tariff: Tariff, usage: ReplyUsage | None) -> float:
    count = tariff.count(request)
    if count.exact:
        return count.prompt
    if usage is not None:
        return count.prompt * usage.prompt_ratio
    return TOKENS_PER_BYTE * prompt_bound(request)
