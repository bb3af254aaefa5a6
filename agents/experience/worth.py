"""The worth of single sentences of prompts, estimated from all answers, those of losing prompts included.

An answer is modelled as the difficulty of its example plus the worth of every sentence in the prompt: a ridge
regression with a fixed effect for each example. So a rule in a prompt that lost for another reason still
counts, and a sentence that was only ever tried on easy examples does not.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

_PRIOR_SD = 0.08
"""Standard deviation of the worth of a sentence before anything is known, in utility per example."""
_LEAST_NOISE = 1e-3
"""Least variance of an answer given its example and prompt."""
_DIGITS = 6
"""Digits of a mean and of a standard deviation. Those beyond the ninth depend on the processor."""
S = TypeVar("S", bound=Hashable)
"""What tells sentences apart: their text, or more than that."""


@dataclass(frozen=True, slots=True)
class Answered(Generic[S]):
    """One answer: the sentences of the prompt, the example, and the utility in [0, 1]."""

    sentences: tuple[S, ...]
    example: Hashable
    """Example with its task and model; answers to one example share its difficulty."""
    value: float


@dataclass(frozen=True, slots=True)
class Worth(Generic[S]):
    """The worth of one sentence in utility per example: posterior mean and standard deviation."""

    sentence: S
    mean: float
    sd: float
    answers: int
    """Number of answers of prompts with the sentence."""
    examples: int
    """Number of examples that prompts both with it and without it have answered."""

    @property
    def z(self) -> float:
        """Mean in standard deviations."""
        return self.mean / self.sd


def worths(answers: Iterable[Answered[S]], scale: Callable[[S], float] = lambda _: 1.0) -> list[Worth[S]]:
    """Return the worth of every sentence, from the best to the worst by evidence.

    A sentence may be worth `scale` times as much as is usual, before anything is known.
    A sentence in no prompt but those that answered alone, or in all that were compared, has a mean of 0.
    Sentences that always stood together share their worth.
    """
    by_example: dict[Hashable, list[Answered[S]]] = defaultdict(list)
    index: dict[S, int] = {}
    for answer in answers:
        by_example[answer.example].append(answer)
        for sentence in answer.sentences:
            index.setdefault(sentence, len(index))
    if not index:
        return []
    size = len(index)
    scales = np.array([scale(sentence) for sentence in index])
    gram, right = np.zeros((size, size)), np.zeros(size)
    counts, compared = np.zeros(size, dtype=int), np.zeros(size, dtype=int)
    squares, freedom = 0.0, 0
    for group in by_example.values():
        design, values = _rows(group, index)
        held = design.sum(axis=0)
        counts += held.astype(int)
        compared += (held > 0) & (held < len(group))
        if len(group) < 2:
            continue
        design *= scales
        design -= design.mean(axis=0)
        values -= values.mean()
        gram += design.T @ design
        right += design.T @ values
        squares += float(values @ values)
        freedom += len(group) - 1
    noise = max(_LEAST_NOISE, squares / max(1, freedom))
    cover = np.linalg.inv(gram / noise + np.eye(size) / _PRIOR_SD**2)
    mean, sd = scales * (cover @ right / noise), scales * np.sqrt(np.diag(cover))
    found = [
        Worth(
            sentence,
            round(float(mean[n]), _DIGITS),
            round(float(sd[n]), _DIGITS),
            int(counts[n]),
            int(compared[n]),
        )
        for sentence, n in index.items()
    ]
    return sorted(found, key=lambda one: (-one.z, str(one.sentence)))


def _rows(
    group: Sequence[Answered[S]], index: Mapping[S, int]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the design matrix, answers x sentences, and the values of the answers to one example."""
    design = np.zeros((len(group), len(index)))
    for n, answer in enumerate(group):
        design[n, [index[sentence] for sentence in answer.sentences]] = 1.0
    return design, np.array([answer.value for answer in group], dtype=float)
