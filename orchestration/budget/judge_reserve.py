"""The cost of judging the responses of the final comparison, held back like that of the responses."""

from dataclasses import dataclass
from math import ceil, sqrt

from ...agents.grading.judge import judges_of
from ...agents.messages import CallFinished, TaskLoaded
from ...agents.models.base import ModelRequest, TokenCount
from ...agents.models.tariff import Cost, Tariff
from ...agents.search.settings import SearchSettings
from ...agents.stage_names import is_kind
from ...prompts.metrics.judge_options import JUDGE
from ..calls.model_pool import ModelPool
from .judge_estimate import JUDGEMENT, judge_requests

_FIRST_RATIO = 0.5
"""Assumed ratio of actual to maximum prompt tokens before any call."""
_SLOWDOWN = 1.5
"""Factor by which the last calls may be slower than those so far."""


@dataclass
class _Sum:
    """Sums over the judge's replies so far."""

    first: float = 0.0
    squares: float = 0.0

    def add(self, value: float) -> None:
        self.first, self.squares = self.first + value, self.squares + value**2

    def high(self, n: int) -> int:
        """Return the mean and one standard deviation."""
        mean = self.first / n
        return ceil(mean + sqrt(max(self.squares / n - mean**2, 0.0)))


class JudgeReserve:
    """An estimate of what the judges of the target task will cost in the final comparison.

    A judgement has one standard deviation more tokens than the mean of those so far. Before any, its request
    has half of the tokens that it can have at most.
    """

    def __init__(self, settings: SearchSettings, pool: ModelPool) -> None:
        self._tariff = pool[JUDGE].tariff if JUDGE in pool else Tariff()
        self._slots = max(pool.slots(JUDGE), 1) if JUDGE in pool else 1
        self._finalists = 3 if settings.control else 2
        self._counts: list[TokenCount] = []
        """Tokens of the requests about one response to each held-out example."""
        self._prompt, self._completion = _Sum(), _Sum()
        self._seconds, self._replies, self._again = 0.0, 0, 0
        self._samples = 1
        """Samples of each dimension; requests beyond them were asked again."""

    def apply_task(self, message: TaskLoaded) -> None:
        """Note the judges and the held-out examples of the target task."""
        task = message.task
        judges = judges_of(task) if is_kind(message.stage, "target") else []
        if judges:
            self._samples = max(judge.options.samples for judge in judges)
            self._counts = [
                self._tariff.count(request)
                for example in task.test
                for request in judge_requests(judges, task, example)
            ]

    def apply_reply(self, request: ModelRequest, message: CallFinished) -> None:
        """Learn from a judgement how much it takes, and how often one is asked for again."""
        self._again += request.sample >= self._samples
        self._prompt.add(message.reply.prompt_tokens)
        self._completion.add(message.reply.completion_tokens)
        self._seconds, self._replies = self._seconds + message.latency, self._replies + 1

    def cost(self) -> Cost:
        """Return the amount to hold back; zero if the target task has no judge."""
        if not self._counts:
            return Cost()
        longest = max(self._counts, key=lambda count: count.prompt)
        # Even the very last call is admitted only if its worst case fits.
        last = self._tariff.used(longest.prompt, longest.completion)
        return self._usual() + Cost(last.tokens, last.units)

    def seconds(self) -> float:
        """Return the seconds that the judgements will take at the present pace; 0 before any."""
        if not self._counts or not self._replies:
            return 0.0
        return _SLOWDOWN * ceil(self._calls() / self._slots) * self._seconds / self._replies

    def _calls(self) -> int:
        """Return the number of requests, those that are asked again included; only after a reply."""
        first = max(self._replies - self._again, 1)
        return ceil(self._finalists * len(self._counts) * (1 + self._again / first))

    def _usual(self) -> Cost:
        """Return the cost of judging the responses of all finalists to the held-out examples."""
        n = self._replies
        if n:
            return self._tariff.used(self._prompt.high(n), self._completion.high(n)) * self._calls()
        costs = (
            self._tariff.used(
                count.prompt if count.exact else round(count.prompt * _FIRST_RATIO),
                min(count.completion, JUDGEMENT),
            )
            for count in self._counts
        )
        return sum(costs, Cost()) * self._finalists
