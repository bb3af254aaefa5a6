"""Sequential tests: their guarantees in simulations and in extreme cases."""

from math import inf, pi

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from outcome_making import PROPERTY

from transfer_prompting.agents.scoring.sequential import (
    STAKES,
    alpha_spending,
    cannot_win,
    e_value,
    lower_bound,
)

DIFFERENCES = st.lists(st.sampled_from([-1.0, -0.25, 0.0, 0.5, 1.0]), max_size=40)
RUNS = 400
ALPHA = 0.2
# Three standard deviations of a share of RUNS at ALPHA: a rule that keeps its promise stays below.
MOST = ALPHA + 3 * (ALPHA * (1 - ALPHA) / RUNS) ** 0.5


def test_equal_prompts_are_not_called_losers() -> None:
    """At most a share alpha of candidates that would draw is ever stopped, tested after each example."""
    random = np.random.default_rng(1)
    differences = np.repeat([1.0, -1.0, 0.0], [15, 15, 30])
    stopped = sum(cannot_win(random.permutation(differences).tolist(), 60) >= 1 / ALPHA for _ in range(RUNS))
    assert stopped / RUNS <= MOST


def test_losers_are_found_early() -> None:
    """Most candidates that are 20 points worse are stopped before half of the examples."""
    random = np.random.default_rng(2)
    differences = np.repeat([1.0, -1.0, 0.0], [10, 50, 140])
    stopped = sum(cannot_win(random.permutation(differences)[:100].tolist(), 200) >= 20 for _ in range(100))
    assert stopped > 70


@PROPERTY
@given(DIFFERENCES, st.integers(0, 40))
def test_certainty(differences: list[float], left: int) -> None:
    """The e-value is infinite exactly if winning all remaining examples would not suffice."""
    total = len(differences) + left
    hopeless = bool(differences) and sum(differences) + left < 0
    assert (cannot_win(differences, total) == inf) == hopeless


@PROPERTY
@given(DIFFERENCES, DIFFERENCES)
def test_evidence_is_never_lost(seen: list[float], more: list[float]) -> None:
    """Further examples never reduce the evidence, for a candidate or against it."""
    total = len(seen) + len(more)
    assert 1 <= cannot_win(seen, total) <= cannot_win(seen + more, total)
    assert 1 <= e_value(seen) <= e_value(seen + more)


def test_margin() -> None:
    """A greater required margin gives more evidence against a candidate."""
    even = [1.0, -1.0] * 20
    assert cannot_win(even, 100, 0.5) > 100 * cannot_win(even, 100)
    assert cannot_win([0.0] * 10, 10, 0.01) == inf


def test_e_value_by_hand() -> None:
    """Two wins multiply each part of the wealth by (1 + stake) twice; losses do not lower the maximum."""
    expected = sum((1 + stake) ** 2 for stake in STAKES) / len(STAKES)
    assert e_value([1.0, 1.0]) == e_value([1.0, 1.0, -1.0]) == pytest.approx(expected)
    assert e_value([]) == e_value([-1.0]) == cannot_win([], 5) == 1.0


def test_equal_prompts_are_not_called_better() -> None:
    """At most a share alpha of candidates that are equal on new examples is ever called better."""
    random = np.random.default_rng(3)
    drawn = random.choice([1.0, -1.0, 0.0], (RUNS, 150), p=[0.15, 0.15, 0.7])
    assert sum(e_value(row.tolist()) >= 1 / ALPHA for row in drawn) / RUNS <= MOST


def test_gains_are_seen() -> None:
    """A gain of 15 points is mostly proven at the level 1/20 within 200 examples."""
    random = np.random.default_rng(4)
    drawn = random.choice([1.0, -1.0, 0.0], (100, 200), p=[0.2, 0.05, 0.75])
    assert sum(e_value(row.tolist()) >= 20 for row in drawn) > 80


def test_lower_bound_holds() -> None:
    """The bound lies above the true mean in at most a share alpha of the runs, and approaches it."""
    random = np.random.default_rng(5)
    drawn = random.choice([1.0, -1.0, 0.0], (200, 200), p=[0.3, 0.1, 0.6])
    bounds = [lower_bound(row.tolist(), ALPHA) for row in drawn]
    assert np.mean(np.array(bounds) > 0.2) <= MOST
    assert np.median(bounds) > 0.05


@PROPERTY
@given(DIFFERENCES)
def test_bound_and_evidence_agree(differences: list[float]) -> None:
    """The bound is above zero exactly if the evidence for a gain reaches its level."""
    bound, evidence = lower_bound(differences, ALPHA), e_value(differences)
    assert evidence >= 1 / ALPHA or bound <= 1e-5
    assert evidence <= 1 / ALPHA or bound >= -1e-5


def test_levels_of_all_claims() -> None:
    """The levels fall, and their sum never exceeds alpha."""
    levels = [alpha_spending(claim, 0.05) for claim in range(1, 2000)]
    assert levels == sorted(levels, reverse=True)
    assert levels[0] == pytest.approx(0.05 * 6 / pi**2)
    assert 0.0499 < sum(levels) < 0.05
