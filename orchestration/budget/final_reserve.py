"""What the verdict will cost: held back from the start, so that a search never spends it."""

from dataclasses import dataclass
from math import ceil

from ...agents.messages import CallFinished, ScoringRequested, TaskLoaded
from ...agents.models.base import ModelRequest, TokenCount
from ...agents.models.tariff import Cost, Tariff
from ...agents.roles.scoring_request import scoring_request
from ...agents.search.settings import SearchSettings
from ...prompts.candidate import Candidate, make_candidate
from ...prompts.task import Task

_FIRST_SHARE = 0.5
"""Thought of how much of its bound a prompt takes before any was sent; English text takes a quarter."""
_SLOWER = 1.5
"""How much slower than so far the last calls may be."""
_BESIDE_CALLS, _BESIDE_A_CALL = 0.5, 0.005
"""Seconds that the comparison takes beside its calls: to begin and to decide, and for each of them."""


@dataclass
class _Seen:
    """What the scorer's calls have shown so far."""

    share: float = 0.0
    """Of its bound, that a prompt has taken at most."""
    exact: bool = False
    """Whether the model counts exactly, so that there is no share to be learned."""
    seconds: float = 0.0
    longest: float = 0.0
    calls: int = 0


class FinalReserve:
    """The cost of the final comparison: every finalist on every held-out example.

    An estimate from above: the longest prompt of the target so far stands for all finalists, and replies are
    as long as they may be. Where the model cannot count a prompt exactly, it takes as much of its bound as
    the densest so far.
    """

    def __init__(self, settings: SearchSettings, tariff: Tariff, slots: int) -> None:
        self._settings = settings
        self._tariff = tariff
        self._slots = slots
        self._finalists = 3 if settings.control else 2
        self._task: Task | None = None
        self._longest: Candidate | None = None
        self._counted: tuple[Candidate, list[TokenCount]] | None = None
        self._seen = _Seen()

    def load(self, message: TaskLoaded) -> None:
        """Learn which examples are held out."""
        if message.stage == "target":
            self._task = message.task
            for text in message.task.initial_prompts:
                self._consider(make_candidate(text, "initial"))

    def scoring(self, message: ScoringRequested) -> None:
        """A prompt of the target stage, or of the control, may become a finalist."""
        if message.stage != "source":
            self._consider(message.candidate)

    def answered(self, request: ModelRequest, message: CallFinished) -> None:
        """A call of the scorer shows how dense prompts are, and how fast replies come."""
        seen = self._seen
        if not seen.exact:
            count = self._tariff.count(request)
            seen.exact = count.exact
            seen.share = max(seen.share, message.reply.prompt_tokens / max(count.prompt, 1))
        seen.seconds, seen.calls = seen.seconds + message.latency, seen.calls + 1
        seen.longest = max(seen.longest, message.latency)

    def cost(self) -> Cost:
        """What to hold back; zero where the task is not known yet."""
        share, counts = self._seen.share or _FIRST_SHARE, self._counts()
        costs = [
            self._tariff.used(c.prompt if c.exact else round(c.prompt * share), c.completion) for c in counts
        ]
        # The very last call is let through only if its worst case fits, too.
        longest = max(counts, key=lambda count: count.prompt, default=TokenCount(0, 0))
        last = self._tariff.used(longest.prompt, longest.completion)
        return sum(costs, Cost()) * self._finalists + Cost(last.tokens, last.units)

    def seconds(self) -> float:
        """How long the comparison will take, at the pace so far; 0 before any call."""
        seen = self._seen
        if not seen.calls or self._task is None:
            return 0.0
        calls = self._finalists * len(self._task.test)
        waiting = _SLOWER * ceil(calls / self._slots) * seen.seconds / seen.calls
        return max(waiting, seen.longest) + _BESIDE_CALLS + _BESIDE_A_CALL * calls

    def _consider(self, candidate: Candidate) -> None:
        if self._longest is None or len(candidate.text) > len(self._longest.text):
            self._longest = candidate

    def _counts(self) -> list[TokenCount]:
        """What the longest prompt costs on each held-out example; counted only where it is asked for."""
        if self._task is None or self._longest is None:
            return []
        if self._counted is None or self._counted[0] is not self._longest:
            requests = (
                scoring_request(self._settings, self._longest, self._task, example)
                for example in self._task.test
            )
            self._counted = (self._longest, [self._tariff.count(request) for request in requests])
        return self._counted[1]
