"""The cost of the final comparison, held back from the start so that the search never spends it."""

from dataclasses import dataclass
from math import ceil, sqrt

from ...agents.messages import CallFinished, ScoringRequested, TaskLoaded
from ...agents.models.base import ModelRequest, TokenCount
from ...agents.models.tariff import Cost, Tariff
from ...agents.roles.scoring_request import scoring_request
from ...agents.search.settings import SearchSettings
from ...agents.stage_names import is_kind
from ...prompts.candidate import Candidate, make_candidate
from ...prompts.program import ProgramSettings
from ...prompts.task import Task
from ..calls.model_pool import ModelPool
from .execution_costs import ExecutionCosts

SCORER = "scorer"
"""The role whose calls make the final comparison."""
_FIRST_RATIO = 0.5
"""Assumed ratio of actual to maximum prompt tokens before any call; English text takes a quarter."""
_EXPECTED = 10
"""Weight of the expected length of a reply, in replies: after so many, both count the same."""
_SLOWDOWN = 1.5
"""Factor by which the last calls may be slower than those so far."""
_OVERHEAD, _OVERHEAD_PER_CALL = 0.5, 0.005
"""Seconds that the comparison takes in addition to its calls: in total, and for each call."""


@dataclass
class _Observed:
    """Observations from the scorer's calls so far."""

    ratio: float = 0.0
    """Highest observed ratio of actual to maximum prompt tokens."""
    exact: bool = False
    """Whether the model counts tokens exactly, so that no ratio is needed."""
    seconds: float = 0.0
    longest: float = 0.0
    calls: int = 0
    replies: int = 0
    """Replies on the target's task."""
    completion: int = 0
    """Completion tokens of these replies, summed."""
    squares: int = 0
    """Their squares, summed."""

    def reply_tokens(self, expected: int) -> int:
        """Return the completion tokens of a reply: the mean and one standard deviation.

        Until there are replies, they are `expected`.
        """
        n = _EXPECTED + self.replies
        mean = (_EXPECTED * expected + self.completion) / n
        variance = (_EXPECTED * expected**2 + self.squares) / n - mean**2
        return ceil(mean + sqrt(max(variance, 0.0)))


class FinalReserve:
    """An estimate from above of the final comparison: every finalist on every held-out example.

    The longest prompt of the target so far stands for all finalists. If the model cannot count a prompt
    exactly, the highest ratio observed so far scales its maximum. A reply has one standard deviation more
    tokens than the mean of the target's replies so far, because the best prompts may be those that have the
    model reason: its limit says little, as it is generous at an endpoint.
    """

    def __init__(self, settings: SearchSettings, pool: ModelPool, executions: ExecutionCosts) -> None:
        self._settings = settings
        self._executions = executions
        self._tariff = pool[SCORER].tariff if SCORER in pool else Tariff()
        self._slots = max(pool[SCORER].slots, 1) if SCORER in pool else 1
        self._finalists = 3 if settings.control else 2
        self._task: Task | None = None
        self._longest: Candidate | None = None
        self._counted: tuple[Candidate, list[TokenCount]] | None = None
        self._observed = _Observed()
        self._on_target = False
        """True once replies are to the target's task."""

    def apply_task(self, message: TaskLoaded) -> None:
        """Note the held-out examples of the target task."""
        if is_kind(message.stage, "target"):
            self._task = message.task
            for text in message.task.initial_prompts:
                self._consider(make_candidate(text, "initial"))

    def apply_scoring(self, message: ScoringRequested) -> None:
        """Note a prompt of the target stage or of the control, which may become a finalist."""
        if not is_kind(message.stage, "source"):
            self._on_target = True
            self._consider(message.candidate)

    def apply_reply(self, request: ModelRequest, message: CallFinished) -> None:
        """Learn from a reply to the scorer how many tokens prompts take, and how fast replies are."""
        observed = self._observed
        if not observed.exact:
            count = self._tariff.count(request)
            observed.exact = count.exact
            observed.ratio = max(observed.ratio, message.reply.prompt_tokens / max(count.prompt, 1))
        observed.seconds, observed.calls = observed.seconds + message.latency, observed.calls + 1
        observed.longest = max(observed.longest, message.latency)
        if self._on_target:
            tokens = message.reply.completion_tokens
            observed.replies, observed.completion = observed.replies + 1, observed.completion + tokens
            observed.squares += tokens**2

    def cost(self) -> Cost:
        """Return the amount to hold back; zero before the target task is known."""
        if self._task is not None and self._task.program:
            return self._cost_of_executions(self._task, self._task.program)
        ratio, counts = self._observed.ratio or _FIRST_RATIO, self._counts()
        reply = self._reply_tokens()
        costs = [
            self._tariff.used(
                c.prompt if c.exact else round(c.prompt * ratio),
                c.completion if reply is None else min(c.completion, reply),
            )
            for c in counts
        ]
        # Even the very last call is admitted only if its worst case fits.
        longest = max(counts, key=lambda count: count.prompt, default=TokenCount(0, 0))
        last = self._tariff.used(longest.prompt, longest.completion)
        return sum(costs, Cost()) * self._finalists + Cost(last.tokens, last.units)

    def _cost_of_executions(self, task: Task, program: ProgramSettings) -> Cost:
        """Return the cost of running a program on every held-out example, and of one dear execution more."""
        if self._longest is None or not task.test:
            return Cost()
        request = scoring_request(self._settings, self._longest, task, task.test[0])
        expected = self._executions.expected(program, request)
        last = self._executions.most
        return expected * (len(task.test) * self._finalists) + Cost(last.tokens, last.units)

    def seconds(self) -> float:
        """Return the seconds that the comparison will take at the present pace; 0 before any call."""
        observed = self._observed
        if not observed.calls or self._task is None:
            return 0.0
        calls = self._finalists * len(self._task.test)
        if self._task.program:
            calls = ceil(calls * self._executions.calls)
        waiting = _SLOWDOWN * ceil(calls / self._slots) * observed.seconds / observed.calls
        return max(waiting, observed.longest) + _OVERHEAD + _OVERHEAD_PER_CALL * calls

    def _reply_tokens(self) -> int | None:
        """Return the completion tokens of a reply; None if nothing is generated, and bounds are near."""
        if self._task is None or self._settings.answer == "likelihood":
            return None
        return self._observed.reply_tokens(self._settings.expected_tokens(self._task))

    def _consider(self, candidate: Candidate) -> None:
        if self._longest is None or len(candidate.text) > len(self._longest.text):
            self._longest = candidate

    def _counts(self) -> list[TokenCount]:
        """Return the tokens of the longest prompt on each held-out example, counted once per prompt."""
        if self._task is None or self._longest is None:
            return []
        if self._counted is None or self._counted[0] is not self._longest:
            requests = (
                scoring_request(self._settings, self._longest, self._task, example)
                for example in self._task.test
            )
            self._counted = (self._longest, [self._tariff.count(request) for request in requests])
        return self._counted[1]
