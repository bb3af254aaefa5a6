"""Blame: the texts of a program to which the traces of its failures point.

Each failing example gives away as much as its value falls short of 1. The texts that its requests rest on
share it; a text whose request has failed, or whose reply is empty or cut off, gets a larger share. A text
that no failing example has used gets nothing.
"""

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Protocol

from ...prompts.sums import summed
from ..messages.scores import TraceStep

_FAULTY = 4.0
"""Weight of a text with a faulty step; that of any other text in a trace is 1."""
_PREFERRED = 2
"""Number of prompts whose failures count: those from which the next ones are most often made."""


class Failing(Protocol):
    """A failing example with its trace: an `Attempt`, or the `Failure` of a message."""

    @property
    def value(self) -> float:
        """Value of the main metric, in [0, 1]."""

    @property
    def trace(self) -> tuple[TraceStep, ...]:
        """Steps of the program."""


def blamed_texts(prompts: Sequence[Sequence[Failing]], names: Sequence[str]) -> dict[str, float]:
    """Return the share of each text in the failures of the best prompts that have failures.

    `prompts` holds the failures of each prompt, the best first. The shares add up to 1. They are equal if no
    trace says more.
    """
    failing = [failures for failures in prompts if failures][:_PREFERRED]
    return blame(list(chain.from_iterable(failing)), names)


def blame(mistakes: Sequence[Failing], names: Sequence[str]) -> dict[str, float]:
    """Return the share of each of the texts `names` in these failures; equal shares without a trace."""
    total = dict.fromkeys(names, 0.0)
    for mistake in mistakes:
        weights = _weights(mistake.trace, total)
        for name, weight in weights.items():
            total[name] += (1 - mistake.value) * weight / summed(weights.values())
    if not (whole := summed(total.values())):
        return dict.fromkeys(names, 1 / len(names)) if names else {}
    return {name: value / whole for name, value in total.items()}


def _weights(trace: Sequence[TraceStep], known: Mapping[str, float]) -> dict[str, float]:
    found: dict[str, float] = {}
    for step in trace:
        faulty = bool(step.error) or not step.reply.strip()
        for name in step.texts:
            if name in known:
                found[name] = max(found.get(name, 1.0), _FAULTY if faulty else 1.0)
    return found
