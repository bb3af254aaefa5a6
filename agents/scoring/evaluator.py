"""The objective prompts evaluator: from the outcomes of examples to the score vector of a prompt."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..messages.scores import Measure, Outcome, Score
from . import metrics
from .intervals import percentiles, sample_and_resamples, wilson
from .metrics import Matrix, Vector

DEFAULT_WEIGHTS: Mapping[str, float] = {
    "accuracy": 0.5,
    "ifr": 0.2,
    "one_minus_ece": 0.1,
    "auroc": 0.1,
    "pr_p": 0.1,
    # By chance alone PR-N equals the error rate: a weight here would pay for being wrong.
    "pr_n": 0.0,
    "brevity_prompt": 0.0,
    "brevity_answer": 0.0,
}
"""The paper does not publish its weights; these are this project's choice."""

PROMPT_SCALE, ANSWER_SCALE = 1000.0, 100.0
"""Tokens per example at which a prompt, or an answer, has a brevity of one half."""
LIKELIHOODS = tuple(f"{name}_likelihood" for name in ("ece", "auroc", "pr_p", "pr_n", "brier"))
"""Calibration of the options' likelihood, where the confidence is a stated one."""
_SHARES = frozenset({"accuracy", "accuracy_parsed", "ifr"})
DIGITS = 9
"""Further digits are the arithmetic's noise, and differ between machines."""


@dataclass(frozen=True, slots=True)
class TokenUse:
    """The tokens of each example, in the order of the outcomes, and their price per million if known."""

    prompt: Sequence[int]
    answer: Sequence[int]
    prompt_price: float | None = None
    answer_price: float | None = None


def evaluate(
    outcomes: Sequence[Outcome],
    weights: Mapping[str, float],
    *,
    tokens: TokenUse | None = None,
    likelihood: bool = False,
    intervals: bool = True,
) -> Score:
    """The score vector over `outcomes`; `weights` (see `DEFAULT_WEIGHTS`) make the composite.

    An unreadable answer counts as wrong. The calibration measures rest on the outcomes that have a
    confidence, the instruction-following rate on those of which a format was demanded. With `tokens` there
    are `brevity_prompt` and `brevity_answer`, 1 / (1 + mean tokens / scale), and with prices `cost`, that of
    1000 examples. With `likelihood` the calibration measures are taken a second time, as `LIKELIHOODS`, of
    the likelihood of the answers, over the outcomes where it is known; they are no part of the composite. All
    measures but `cost` lie in [0, 1]; lower is better for `ece`, `brier` and `cost`.
    """
    size = len(outcomes)
    counts = sample_and_resamples(size) if intervals and size else np.ones((1, size))
    drawn = draws(outcomes, counts, tokens)
    if likelihood:
        drawn |= _likelihoods(outcomes, counts)
    measures = {name: _measure(name, values, n) for name, (values, n) in drawn.items()}
    whole = metrics.composite({name: values[:1] for name, (values, _) in drawn.items()}, weights)
    return Score(composite=round(float(whole[0]), DIGITS), measures=measures)


def rescored(score: Score, outcomes: Sequence[Outcome], weights: Mapping[str, float]) -> Score:
    """The score over `outcomes`, which are some of those that `score` is of; its use of tokens stays."""
    new = evaluate(outcomes, weights, likelihood=not score.measures.keys().isdisjoint(LIKELIHOODS))
    measures = {**score.measures, **new.measures}
    values = {
        name: np.array([np.nan if measure.value is None else measure.value])
        for name, measure in measures.items()
    }
    return Score(composite=round(float(metrics.composite(values, weights)[0]), DIGITS), measures=measures)


def draws(
    outcomes: Sequence[Outcome], counts: Matrix, tokens: TokenUse | None = None
) -> dict[str, tuple[Vector, int]]:
    """Every measure under each row of `counts` (how often each outcome counts), and on how many it rests."""
    right = _vector([o.correct for o in outcomes])
    parsed = np.array([o.answer is not None for o in outcomes], dtype=bool)
    asked = np.array([o.followed is not None for o in outcomes], dtype=bool)
    sure = np.array([o.confidence is not None for o in outcomes], dtype=bool)
    followed = _vector([o.followed for o in outcomes if o.followed is not None])
    found = {
        "accuracy": (metrics.mean(right, counts), right.size),
        "accuracy_parsed": (metrics.mean(right[parsed], _columns(counts, parsed)), int(parsed.sum())),
        "ifr": (metrics.mean(followed, _columns(counts, asked)), followed.size),
    }
    confidence = _vector([o.confidence for o in outcomes if o.confidence is not None])
    calibration = _calibration(right[sure], confidence, _columns(counts, sure))
    found |= {name: (values, confidence.size) for name, values in calibration.items()}
    used = _economy(tokens, counts) if tokens else {}
    return found | {name: (values, right.size) for name, values in used.items()}


def _likelihoods(outcomes: Sequence[Outcome], counts: Matrix) -> dict[str, tuple[Vector, int]]:
    known = np.array([o.likelihood is not None for o in outcomes], dtype=bool)
    right = _vector([o.correct for o in outcomes])
    likelihood = _vector([o.likelihood for o in outcomes if o.likelihood is not None])
    found = _calibration(right[known], likelihood, _columns(counts, known))
    return {
        f"{name}_likelihood": (found[name], likelihood.size)
        for name in found
        if f"{name}_likelihood" in LIKELIHOODS
    }


def _calibration(right: Vector, confidence: Vector, counts: Matrix) -> dict[str, Vector]:
    ece = metrics.expected_calibration_error(right, confidence, counts)
    return {
        "one_minus_ece": 1 - ece,
        "ece": ece,
        "auroc": metrics.auroc(right, confidence, counts),
        "pr_p": metrics.pr_p(right, confidence, counts),
        "pr_n": metrics.pr_n(right, confidence, counts),
        "brier": metrics.brier(right, confidence, counts),
    }


def _economy(tokens: TokenUse, counts: Matrix) -> dict[str, Vector]:
    prompt = metrics.mean(_vector(tokens.prompt), counts)
    answer = metrics.mean(_vector(tokens.answer), counts)
    found = {
        "brevity_prompt": 1 / (1 + prompt / PROMPT_SCALE),
        "brevity_answer": 1 / (1 + answer / ANSWER_SCALE),
    }
    if tokens.prompt_price is not None and tokens.answer_price is not None:
        found["cost"] = (prompt * tokens.prompt_price + answer * tokens.answer_price) / 1000
    return found


def _measure(name: str, values: Vector, n: int) -> Measure:
    """The first row is the value, the others are the resamples."""
    value = float(values[0])
    if np.isnan(value):
        return Measure(value=None, n=n)
    if len(values) == 1:
        return Measure(value=round(value, DIGITS), n=n)
    # Resamples repeat examples, which makes a calibration error look greater: its own may lie below them.
    low, high = wilson(value, n) if name in _SHARES else percentiles(values[1:]) or (value, value)
    low, high = min(low, value), max(high, value)
    return Measure(value=round(value, DIGITS), n=n, low=round(low, DIGITS), high=round(high, DIGITS))


def _columns(counts: Matrix, chosen: NDArray[np.bool_]) -> Matrix:
    return counts if chosen.all() else counts.T[chosen].T


def _vector(values: Sequence[float]) -> Vector:
    return np.asarray(values, dtype=np.float64)
