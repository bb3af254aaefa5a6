"""Evidence that one may look at after every example: what it promises, by simulation and at its borders."""

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
    """Of candidates that would just draw, at most alpha are ever stopped, though looked at all the time."""
    random = np.random.default_rng(1)
    differences = np.repeat([1.0, -1.0, 0.0], [15, 15, 30])
    stopped = sum(cannot_win(random.permutation(differences).tolist(), 60) >= 1 / ALPHA for _ in range(RUNS))
    assert stopped / RUNS <= MOST


def test_losers_are_found_early() -> None:
    """A candidate 20 points behind is mostly stopped before half of the examples are seen."""
    random = np.random.default_rng(2)
    differences = np.repeat([1.0, -1.0, 0.0], [10, 50, 140])
    stopped = sum(cannot_win(random.permutation(differences)[:100].tolist(), 200) >= 20 for _ in range(100))
    assert stopped > 70


@PROPERTY
@given(DIFFERENCES, st.integers(0, 40))
def test_certainty(differences: list[float], left: int) -> None:
    """The evidence is infinite exactly where even winning all that is left would not do."""
    total = len(differences) + left
    hopeless = bool(differences) and sum(differences) + left < 0
    assert (cannot_win(differences, total) == inf) == hopeless


@PROPERTY
@given(DIFFERENCES, DIFFERENCES)
def test_evidence_is_never_lost(seen: list[float], more: list[float]) -> None:
    """Further examples never take evidence back, against the candidate or for it."""
    total = len(seen) + len(more)
    assert 1 <= cannot_win(seen, total) <= cannot_win(seen + more, total)
    assert 1 <= e_value(seen) <= e_value(seen + more)


def test_margin() -> None:
    """The more a candidate has to gain, the earlier it cannot."""
    even = [1.0, -1.0] * 20
    assert cannot_win(even, 100, 0.5) > 100 * cannot_win(even, 100)
    assert cannot_win([0.0] * 10, 10, 0.01) == inf


def test_e_value_by_hand() -> None:
    """Two wins multiply each part of the wealth by (1 + stake) twice; losses keep the best seen."""
    expected = sum((1 + stake) ** 2 for stake in STAKES) / len(STAKES)
    assert e_value([1.0, 1.0]) == e_value([1.0, 1.0, -1.0]) == pytest.approx(expected)
    assert e_value([]) == e_value([-1.0]) == cannot_win([], 5) == 1.0


def test_equal_prompts_are_not_called_better() -> None:
    """Of candidates that are equal on new examples, at most alpha are ever called better."""
    random = np.random.default_rng(3)
    drawn = random.choice([1.0, -1.0, 0.0], (RUNS, 150), p=[0.15, 0.15, 0.7])
    assert sum(e_value(row.tolist()) >= 1 / ALPHA for row in drawn) / RUNS <= MOST


def test_gains_are_seen() -> None:
    """A gain of 15 points is mostly proven at one level in twenty within 200 examples."""
    random = np.random.default_rng(4)
    drawn = random.choice([1.0, -1.0, 0.0], (100, 200), p=[0.2, 0.05, 0.75])
    assert sum(e_value(row.tolist()) >= 20 for row in drawn) > 80


def test_lower_bound_holds() -> None:
    """The bound lies above the true mean in at most alpha of the runs, and closes in on it."""
    random = np.random.default_rng(5)
    drawn = random.choice([1.0, -1.0, 0.0], (200, 200), p=[0.3, 0.1, 0.6])
    bounds = [lower_bound(row.tolist(), ALPHA) for row in drawn]
    assert np.mean(np.array(bounds) > 0.2) <= MOST
    assert np.median(bounds) > 0.05


@PROPERTY
@given(DIFFERENCES)
def test_bound_and_evidence_agree(differences: list[float]) -> None:
    """A bound above zero means that the evidence for a gain reaches its level, and the other way round."""
    bound, evidence = lower_bound(differences, ALPHA), e_value(differences)
    assert evidence >= 1 / ALPHA or bound <= 1e-5
    assert evidence <= 1 / ALPHA or bound >= -1e-5


def test_levels_of_all_claims() -> None:
    """The levels fall and together never exceed alpha."""
    levels = [alpha_spending(claim, 0.05) for claim in range(1, 2000)]
    assert levels == sorted(levels, reverse=True)
    assert levels[0] == pytest.approx(0.05 * 6 / pi**2)
    assert 0.0499 < sum(levels) < 0.05
