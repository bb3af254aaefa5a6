"""The cost of running a program once, learnt from the executions so far."""

from dataclasses import dataclass
from math import ceil, sqrt

from ...agents.models.base import ModelRequest
from ...agents.models.tariff import Cost, Tariff
from ...agents.programs.request import Executed
from ...prompts.program import ProgramSettings

_FIRST_CALLS = 3
"""Calls that an execution is expected to make before any has ended, if its settings do not limit them."""
_SPREAD = 1.0
"""Standard deviations above the mean that are expected of an execution."""


@dataclass
class _Sum:
    """A sum of whole numbers and of their squares."""

    total: int = 0
    squares: int = 0

    def add(self, value: int) -> None:
        self.total += value
        self.squares += value**2

    def above(self, n: int) -> int:
        mean = self.total / n
        return ceil(mean + _SPREAD * sqrt(max(self.squares / n - mean**2, 0.0)))


class ExecutionCosts:
    """The costs of executions, at the price of `tariff`: that of the scorer's model, which most calls ask."""

    def __init__(self, tariff: Tariff) -> None:
        self._tariff = tariff
        self._n = 0
        self._calls, self._prompt, self._completion = _Sum(), _Sum(), _Sum()
        self.most = Cost()
        """The highest tokens, money and calls of an execution so far."""

    def learn(self, executed: Executed) -> None:
        """Take in an execution."""
        self._n += 1
        self._calls.add(executed.calls)
        self._prompt.add(executed.prompt_tokens)
        self._completion.add(executed.completion_tokens)
        cost = self._cost(executed.prompt_tokens, executed.completion_tokens, executed.calls)
        self.most = Cost(*map(max, _parts(self.most), _parts(cost)))

    def expected(self, program: ProgramSettings, request: ModelRequest) -> Cost:
        """Return the cost that an execution is expected to have; before the first one, a guess.

        `request` is that of an execution. The guess is so many calls of its length with its token limit.
        """
        if self._n:
            return self._cost(
                self._prompt.above(self._n), self._completion.above(self._n), self._calls.above(self._n)
            )
        count = self._tariff.count(request)
        return self._tariff.used(count.prompt, count.completion) * expected_calls(program)

    @property
    def calls(self) -> float:
        """Calls of an execution on average; 0 before any."""
        return self._calls.total / self._n if self._n else 0.0

    def _cost(self, prompt: int, completion: int, calls: int) -> Cost:
        used = self._tariff.used(prompt, completion)
        return Cost(used.tokens, used.units, calls)


def expected_calls(program: ProgramSettings | None) -> int:
    """Return the calls that an answer is expected to take before any has been made; 1 without a program."""
    return (program.calls or _FIRST_CALLS) if program else 1


def _parts(cost: Cost) -> tuple[int, int, int]:
    return cost.tokens, cost.units, cost.calls
