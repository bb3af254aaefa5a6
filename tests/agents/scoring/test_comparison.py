"""Paired comparison of two prompts."""

from collections.abc import Iterable, Sequence

import numpy as np
import pytest
from outcome_making import graded, outcome, outcomes

from transfer_prompting.agents.messages.scores import Outcome
from transfer_prompting.agents.scoring import comparison as module
from transfer_prompting.agents.scoring.comparison import compare
from transfer_prompting.agents.scoring.evaluator import evaluate
from transfer_prompting.agents.scoring.objective import DEFAULT_WEIGHTS, METRIC_WEIGHTS


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Use fewer resamples, for tests in which their number does not matter."""
    monkeypatch.setattr(module, "RESAMPLES", 200)


def test_identical_outcomes(few: None) -> None:
    """Two prompts with equal outcomes have a difference of zero and an interval of width zero."""
    same = outcomes("++--+", 0.5)
    for comparison in compare(same, same, DEFAULT_WEIGHTS, 1):
        assert (comparison.difference, comparison.low, comparison.high) == (0, 0, 0)
        assert comparison.best == comparison.other
        assert comparison.n == 5


def test_clear_gain() -> None:
    """Thirty more right answers out of fifty are a gain: the whole interval lies above zero."""
    best, initial = outcomes("+" * 40 + "-" * 10), outcomes("+" * 10 + "-" * 40)
    main, composite = compare(best, initial, DEFAULT_WEIGHTS, 1)
    assert main.difference == pytest.approx(0.6)
    assert 0 < main.low < 0.6 < main.high < 1
    assert composite.low > 0


def test_the_main_metric_comes_first(few: None) -> None:
    """The main metric is compared first, in the user's words; the composite only if it is the objective."""
    best, initial = graded([0.5, 0.75]), graded([0.25, 0.75])
    [main] = compare(best, initial, METRIC_WEIGHTS, 1, "token f1")
    assert (main.measure, main.title) == ("metric", "token f1")
    assert (main.best, main.other, main.difference) == (0.625, 0.5, 0.125)
    both = compare(best, initial, DEFAULT_WEIGHTS, 1, "token f1")
    assert [(c.measure, c.title) for c in both] == [("metric", "token f1"), ("composite", "composite score")]


def test_clear_loss(few: None) -> None:
    """Exchanging the prompts changes the sign of the difference and of its interval."""
    best, initial = outcomes("+" * 10 + "-" * 40), outcomes("+" * 40 + "-" * 10)
    [loss] = compare(best, initial, METRIC_WEIGHTS, 1)
    [gain] = compare(initial, best, METRIC_WEIGHTS, 1)
    assert loss.high < 0
    assert (loss.difference, loss.low) == pytest.approx((-gain.difference, -gain.high))


def test_same_seed_same_interval(few: None) -> None:
    """The resamples depend on the seed alone."""
    best, initial = outcomes("++-+--+-++"), outcomes("+--+--+--+")
    assert compare(best, initial, METRIC_WEIGHTS, 3) == compare(best, initial, METRIC_WEIGHTS, 3)
    many, more = outcomes("++-+--+-+" * 9), outcomes("+--+--+-+" * 9, 0.7)
    assert len({compare(many, more, DEFAULT_WEIGHTS, seed) for seed in range(5)}) > 1


def test_interval_is_paired(few: None) -> None:
    """The interval reflects the variation of the paired differences between examples."""
    [main] = compare(outcomes("+-" * 20), outcomes("--" * 20), METRIC_WEIGHTS, 1)
    assert 0 < main.low < 0.5 < main.high


def test_by_the_metric_the_composite_is_the_metric(few: None) -> None:
    """If accuracy has all the weight of a composite, both comparisons have the same numbers."""
    main, composite = compare(outcomes("++-+"), outcomes("+--+"), {"accuracy": 1.0}, 1)
    named = {"measure": "metric", "title": "accuracy"}
    assert composite.model_copy(update=named) == main


def test_examples_count_with_their_weight(few: None) -> None:
    """An example of weight three counts as three examples."""
    heavy, light = [1.0, 0.0], [0.0, 1.0]
    [main] = compare(graded(heavy, weights=[3, 1]), graded(light, weights=[3, 1]), METRIC_WEIGHTS, 1)
    assert (main.best, main.other) == (0.75, 0.25)


def test_comparison_is_the_loop_over_resamples(few: None) -> None:
    """The interval equals that of a loop which scores both prompts on each resample."""
    first = [outcome(n, n % 2 == 0, n / 40, n % 5 > 0) for n in range(40)]
    other = [outcome(n, n % 3 == 0, (n * 7 % 40) / 40, n % 4 > 0) for n in range(40)]
    rows = np.random.default_rng(5).integers(0, 40, (200, 40))
    drawn = [_score(first, row.tolist()) - _score(other, row.tolist()) for row in rows]
    _, composite = compare(first, other, DEFAULT_WEIGHTS, 5)
    assert composite.difference == pytest.approx(_score(first, range(40)) - _score(other, range(40)))
    assert (composite.low, composite.high) == pytest.approx(tuple(np.quantile(drawn, (0.025, 0.975))))


def _score(found: Sequence[Outcome], row: Iterable[int]) -> float:
    return evaluate([found[i] for i in row], DEFAULT_WEIGHTS, intervals=False).composite
