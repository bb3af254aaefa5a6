"""Blame: the texts of a program to which the traces of its failures point.

Each failing example gives away as much as its value falls short of 1. The texts that its requests rest on
share it; a text whose request has failed, or whose reply is empty or cut off, gets a larger share. A text
that no failing example has used gets nothing.
"""

from collections.abc import Mapping, Sequence

from ..messages.scores import TraceStep
from .material import Attempt, Material

_FAULTY = 4.0
"""Weight of a text with a faulty step; that of any other text in a trace is 1."""
_PREFERRED = 2
"""Number of prompts whose failures count: those from which the next ones are most often made."""


def blamed_texts(material: Material) -> dict[str, float]:
    """Return the share of each text in the failures of the best prompts that have failures.

    The shares add up to 1. They are equal if no trace says more.
    """
    failing = [parent for parent in material.parents if parent.mistakes][:_PREFERRED]
    return blame([mistake for parent in failing for mistake in parent.mistakes], material.texts)


def blame(mistakes: Sequence[Attempt], names: Sequence[str]) -> dict[str, float]:
    """Return the share of each of the texts `names` in these failures; equal shares without a trace."""
    total = dict.fromkeys(names, 0.0)
    for mistake in mistakes:
        weights = _weights(mistake.trace, total)
        for name, weight in weights.items():
            total[name] += (1 - mistake.value) * weight / sum(weights.values())
    if not (whole := sum(total.values())):
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
