"""What the verdict will cost: held back from the start, so that a search never spends it."""

from dataclasses import dataclass

from ..agents.messages import CallFinished, ScoringRequested, TaskLoaded
from ..agents.models.base import ChatMessage, ModelRequest
from ..agents.settings import SearchSettings
from ..prompts.candidate import Candidate, make_candidate
from ..prompts.render import question
from ..prompts.task import Task
from .budget import Cost, Tariff, prompt_bound

_TOKENS_PER_BYTE = 0.5
"""Thought of a prompt before any was sent; of English text it is nearer to a quarter."""
_SLOWER = 1.5
"""How much slower than so far the last calls may be."""


@dataclass
class _Seen:
    """What the scorer's calls have shown so far."""

    ratio: float = 0.0
    seconds: float = 0.0
    calls: int = 0


class FinalReserve:
    """The cost of the final comparison: every finalist on every held-out example.

    An estimate from above: the longest prompt of the target so far stands for all finalists, prompts have as
    many tokens a byte as the densest so far, and replies are as long as they may be.
    """

    def __init__(self, settings: SearchSettings, tariff: Tariff, slots: int) -> None:
        self._settings = settings
        self._tariff = tariff
        self._slots = slots
        self._finalists = 3 if settings.control else 2
        self._task: Task | None = None
        self._longest: Candidate | None = None
        self._bytes: list[int] = []
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
        seen.ratio = max(seen.ratio, message.reply.prompt_tokens / prompt_bound(request))
        seen.seconds, seen.calls = seen.seconds + message.latency, seen.calls + 1

    def cost(self) -> Cost:
        """What to hold back; zero where the task is not known yet."""
        ratio = self._seen.ratio or _TOKENS_PER_BYTE
        longest = self._settings.max_tokens * self._settings.guesses
        costs = [self._tariff.used(round(size * ratio), longest) for size in self._bytes]
        # The very last call is let through only if its worst case fits, too.
        last = self._tariff.used(max(self._bytes, default=0), longest)
        return sum(costs, Cost()) * self._finalists + Cost(last.tokens, last.units)

    def seconds(self) -> float:
        """How long the comparison will take, at the pace so far; 0 before any call."""
        seen = self._seen
        if not seen.calls:
            return 0.0
        return _SLOWER * self._finalists * len(self._bytes) * seen.seconds / seen.calls / self._slots

    def _consider(self, candidate: Candidate) -> None:
        if self._task is None:
            return
        if self._longest is None or len(candidate.text) > len(self._longest.text):
            self._longest = candidate
            self._bytes = [
                prompt_bound(self._request(candidate, self._task, place))
                for place in range(len(self._task.test))
            ]

    def _request(self, candidate: Candidate, task: Task, place: int) -> ModelRequest:
        stated, guesses = self._settings.answer != "likelihood", self._settings.guesses
        text = question(candidate, task, task.test[place], stated=stated, guesses=guesses)
        return ModelRequest(messages=(ChatMessage(role="user", content=text),))
