"""The paired tests of two prompts."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from outcome_making import PROPERTY, graded, outcomes

from transfer_prompting.agents.scoring import paired_test as module
from transfer_prompting.agents.scoring.paired_test import differences, name_of_test, p_different, p_worse

SIGNS = st.lists(st.sampled_from(["++", "+-", "-+", "--"]), min_size=1, max_size=60)
THOUSANDTHS = st.lists(st.integers(-1000, 1000).map(lambda n: n / 1000), min_size=1, max_size=9)


@PROPERTY
@given(SIGNS)
def test_mcnemar(signs: list[str]) -> None:
    """For right and wrong answers the p-value is that of the binomial test over the examples that differ."""
    stats = pytest.importorskip("scipy.stats")
    found = differences(outcomes("".join(s[0] for s in signs)), outcomes("".join(s[1] for s in signs)))
    gained, lost = signs.count("+-"), signs.count("-+")
    expected = stats.binomtest(gained, gained + lost).pvalue if gained + lost else 1.0
    assert p_different(found, 1) == pytest.approx(expected)
    assert p_different([-d for d in found], 1) == p_different(found, 1)
    assert name_of_test(found) == "exact McNemar test"


@PROPERTY
@given(THOUSANDTHS)
def test_all_signs(found: list[float]) -> None:
    """For graded values the p-value is the share of all combinations of signs with a sum as low."""
    sizes = np.rint(1000 * np.abs(found))
    sums = np.array(list(product((-1, 1), repeat=len(found)))) @ sizes
    expected = np.mean(sums <= 1000 * np.sum(found) + 0.5)
    assert p_worse(found, 1) == pytest.approx(expected)


def test_of_many() -> None:
    """The exact test of right and wrong answers works for thousands of examples."""
    assert p_different([1.0] * 3000, 1) == 0.0
    assert 0.9 < p_different([1.0, -1.0] * 1500, 1) <= 1.0


def test_sampled_signs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sampled combinations of signs give nearly the p-value of all, never zero, and the same for a seed."""
    found = np.random.default_rng(2).normal(-0.05, 0.3, 60).clip(-1, 1).tolist()
    exact = p_worse(found, 1)
    monkeypatch.setattr(module, "_EXACT", 0)
    assert p_worse(found, 1) == p_worse(found, 1) == pytest.approx(exact, abs=0.015)
    assert p_worse([-0.1 * n for n in range(60)], 1) == 1 / 10_000


def test_no_difference() -> None:
    """Prompts that never differ are not told apart."""
    assert p_different([0.0, 0.0], 1) == p_different([], 1) == 1.0


def test_differences() -> None:
    """Differences are those of the main metric, times the example's share of the greatest weight."""
    first, other = graded([0.5, 1.0], weights=[1, 4]), graded([0.25, 0.0], weights=[1, 4])
    assert differences(first, other) == [0.0625, 1.0]
    assert name_of_test(differences(first, other)) == "paired permutation test"


def test_unequal_lengths() -> None:
    """Sequences of different lengths are refused."""
    with pytest.raises(ValueError, match="zip"):
        differences(outcomes("++"), outcomes("+"))


@pytest.mark.parametrize("n", [10, 40])
def test_a_true_hypothesis_is_seldom_refuted(n: int) -> None:
    """Of two prompts that do equally well, graded and skewed, at most one in twenty seems worse."""
    random = np.random.default_rng(n)
    refuted = 0
    for _ in range(400):
        base = random.beta(0.5, 0.5, n)
        one, other = (np.clip(base + random.exponential(0.2, n), 0, 1).round(2) for _ in range(2))
        refuted += p_worse((one - other).tolist(), 1) <= 0.05
    # 400 * 0.05 plus three standard deviations
    assert refuted <= 20 + 3 * (400 * 0.05 * 0.95) ** 0.5
