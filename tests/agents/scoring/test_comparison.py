"""The paired comparison of two prompts."""

from collections.abc import Iterable, Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from outcome_making import PROPERTY, outcome, outcomes
from scipy import stats

from transfer_prompting.agents.messages.scores import Outcome
from transfer_prompting.agents.scoring import comparison as verdict
from transfer_prompting.agents.scoring.comparison import compare, mcnemar, sentence
from transfer_prompting.agents.scoring.evaluator import DEFAULT_WEIGHTS, evaluate

SIGNS = st.lists(st.sampled_from(["++", "+-", "-+", "--"]), min_size=1, max_size=60)
ACCURACY = {"accuracy": 1.0}


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fewer draws, where their number does not matter."""
    monkeypatch.setattr(verdict, "RESAMPLES", 200)


def test_identical_outcomes(few: None) -> None:
    """Two prompts with the same outcomes differ by nothing, with certainty: no improvement."""
    same = outcomes("++--+", 0.5)
    for comparison in compare(same, same, DEFAULT_WEIGHTS, 1):
        assert (comparison.difference, comparison.low, comparison.high) == (0, 0, 0)
        assert comparison.best == comparison.other
        assert comparison.n == 5
    assert mcnemar(same, same) == 1.0


def test_clear_gain() -> None:
    """Thirty examples more right out of fifty is an improvement: the whole interval lies above zero."""
    best, initial = outcomes("+" * 40 + "-" * 10), outcomes("+" * 10 + "-" * 40)
    composite, accuracy = compare(best, initial, DEFAULT_WEIGHTS, 1)
    assert accuracy.difference == pytest.approx(0.6)
    assert 0 < accuracy.low < 0.6 < accuracy.high < 1
    assert composite.low > 0
    assert mcnemar(best, initial) < 1e-6


def test_clear_loss(few: None) -> None:
    """Changing places turns the comparison round."""
    best, initial = outcomes("+" * 10 + "-" * 40), outcomes("+" * 40 + "-" * 10)
    _, accuracy = compare(best, initial, ACCURACY, 1)
    _, turned = compare(initial, best, ACCURACY, 1)
    assert accuracy.high < 0
    assert (accuracy.difference, accuracy.low) == pytest.approx((-turned.difference, -turned.high))


def test_small_gain_is_none(few: None) -> None:
    """One example more right out of fifty is no improvement."""
    best, initial = outcomes("+" * 26 + "-" * 24), outcomes("+" * 25 + "-" * 25)
    composite, accuracy = compare(best, initial, ACCURACY, 1)
    assert accuracy.difference > 0
    assert composite.low <= 0
    assert mcnemar(best, initial) == 1.0


def test_same_seed_same_interval(few: None) -> None:
    """The draws follow from the seed alone."""
    best, initial = outcomes("++-+--+-++"), outcomes("+--+--+--+")
    assert compare(best, initial, ACCURACY, 3) == compare(best, initial, ACCURACY, 3)
    many, more = outcomes("++-+--+-+" * 9), outcomes("+--+--+-+" * 9, 0.7)
    assert len({compare(many, more, DEFAULT_WEIGHTS, seed) for seed in range(5)}) > 1


def test_interval_is_paired(few: None) -> None:
    """A gain of one half by halves is uncertain, however equal the prompts are on the other examples."""
    best, initial = outcomes("+-" * 20), outcomes("--" * 20)
    (composite, accuracy) = compare(best, initial, ACCURACY, 1)
    assert composite.low == accuracy.low > 0
    assert accuracy.low < 0.5 < accuracy.high


def test_by_accuracy_composite_is_accuracy(few: None) -> None:
    """Where accuracy has all the weight, both comparisons are the same."""
    composite, accuracy = compare(outcomes("++-+"), outcomes("+--+"), ACCURACY, 1)
    assert composite.model_copy(update={"measure": "accuracy"}) == accuracy


@PROPERTY
@given(SIGNS)
def test_mcnemar(signs: list[str]) -> None:
    """The p-value is that of the exact binomial test on the examples on which the prompts differ."""
    best, initial = outcomes("".join(s[0] for s in signs)), outcomes("".join(s[1] for s in signs))
    gained, lost = signs.count("+-"), signs.count("-+")
    expected = stats.binomtest(gained, gained + lost).pvalue if gained + lost else 1.0
    assert mcnemar(best, initial) == pytest.approx(expected)
    assert mcnemar(initial, best) == mcnemar(best, initial)


def test_mcnemar_of_many() -> None:
    """Thousands of examples are no trouble for the exact test."""
    assert mcnemar(outcomes("+" * 3000), outcomes("-" * 3000)) == 0.0
    assert 0.9 < mcnemar(outcomes("+-" * 1500), outcomes("-+" * 1500)) <= 1.0


def test_mcnemar_of_unequal_lengths() -> None:
    """Outcomes of different examples are not compared."""
    with pytest.raises(ValueError, match="zip"):
        mcnemar(outcomes("++"), outcomes("+"))


@pytest.mark.parametrize("improved", [True, False])
def test_sentence(few: None, improved: bool) -> None:
    """The verdict gives both accuracies, the difference in points with its interval, the p-value and n."""
    best, initial = outcomes("+" * 40 + "-" * 10), outcomes("+" * 10 + "-" * 40)
    said = sentence(compare(best, initial, ACCURACY, 1), mcnemar(best, initial), improved=improved)
    assert said.startswith("improvement found:" if improved else "no improvement found:")
    for part in ("0.200 -> 0.800", "+60.0 points", "95 % interval", "p = 1.9e-09", "on 50 held-out examples"):
        assert part in said
    assert "\n" not in said


def test_sentence_with_a_control(few: None) -> None:
    """Where there was a control, the verdict also says how far the best prompt is ahead of it."""
    best, initial, control = outcomes("+" * 40 + "-" * 10), outcomes("-" * 50), outcomes("+" * 35 + "-" * 15)
    against = compare(best, control, ACCURACY, 1)
    said = sentence(compare(best, initial, ACCURACY, 1), 0.5, against, improved=True)
    assert "; against the control accuracy +10.0 points (" in said


def test_comparison_is_the_loop_over_resamples(few: None) -> None:
    """The interval is what scoring both prompts on each resample, one by one, would give."""
    first = [outcome(n, n % 2 == 0, n / 40, n % 5 > 0) for n in range(40)]
    other = [outcome(n, n % 3 == 0, (n * 7 % 40) / 40, n % 4 > 0) for n in range(40)]
    rows = np.random.default_rng(5).integers(0, 40, (200, 40))
    drawn = [_score(first, row.tolist()) - _score(other, row.tolist()) for row in rows]
    composite, _ = compare(first, other, DEFAULT_WEIGHTS, 5)
    assert composite.difference == pytest.approx(_score(first, range(40)) - _score(other, range(40)))
    assert (composite.low, composite.high) == pytest.approx(tuple(np.quantile(drawn, (0.025, 0.975))))


def _score(found: Sequence[Outcome], row: Iterable[int]) -> float:
    return evaluate([found[i] for i in row], DEFAULT_WEIGHTS, intervals=False).composite
