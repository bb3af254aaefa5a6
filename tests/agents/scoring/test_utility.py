"""Utility of a single example."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from outcome_making import PROPERTY, graded, outcome

from transfer_prompting.agents.messages.scores import Outcome
from transfer_prompting.agents.scoring.evaluator import evaluate
from transfer_prompting.agents.scoring.objective import DEFAULT_WEIGHTS
from transfer_prompting.agents.scoring.utility import utility

OUTCOME = st.builds(
    Outcome,
    example=st.just("e"),
    answer=st.none() | st.just("yes"),
    correct=st.booleans(),
    followed=st.none() | st.booleans(),
    confidence=st.none() | st.floats(0, 1),
)
WEIGHTS = st.fixed_dictionaries({name: st.floats(0.01, 1) for name in DEFAULT_WEIGHTS})


@PROPERTY
@given(OUTCOME, WEIGHTS)
def test_range(one: Outcome, weights: dict[str, float]) -> None:
    """A utility lies in [0, 1]."""
    assert 0 <= utility(one, weights) <= 1


@PROPERTY
@given(OUTCOME)
def test_being_right_pays(one: Outcome) -> None:
    """Of two outcomes that differ only in correctness and confidence, the right one has more utility."""
    confidence = None if one.confidence is None else 1 - one.confidence
    right, wrong = one.model_copy(update={"correct": True}), one.model_copy(update={"correct": False})
    wrong = wrong.model_copy(update={"confidence": confidence})
    assert utility(right, DEFAULT_WEIGHTS) > utility(wrong, DEFAULT_WEIGHTS)


@pytest.mark.parametrize("correct", [True, False])
@pytest.mark.parametrize("followed", [True, False])
def test_the_composite_of_one_example(correct: bool, followed: bool) -> None:
    """Without a confidence, the utility is the composite score of that example alone."""
    one = outcome(1, correct, followed=followed)
    weights = {"accuracy": 0.5, "ifr": 0.2}
    assert utility(one, weights) == pytest.approx(evaluate([one], weights).composite)


@pytest.mark.parametrize(
    ("correct", "confidence", "earned"), [(True, 1, 1), (False, 1, 0), (False, 0.5, 0.75)]
)
def test_rightly_sure(correct: bool, confidence: float, earned: float) -> None:
    """The calibration measures' weights apply to 1 minus the squared error of the confidence."""
    one = outcome(1, correct, confidence, True)
    expected = 0.5 * correct + 0.2 + 0.3 * earned
    assert utility(one, DEFAULT_WEIGHTS) == pytest.approx(expected)


def test_unparsed() -> None:
    """An unreadable answer earns nothing, whatever its confidence."""
    for confidence in (None, 0.0, 1.0):
        nothing = outcome(1, False, None, False, None)
        assert utility(nothing, DEFAULT_WEIGHTS) == 0, confidence


def test_what_was_not_asked_for_is_left_out() -> None:
    """Without a demanded format and a confidence, correctness alone makes the utility."""
    assert utility(outcome(1, True), DEFAULT_WEIGHTS) == 1
    assert utility(outcome(1, False), DEFAULT_WEIGHTS) == 0
    assert utility(outcome(1, False, 0.0), {"accuracy": 1, "one_minus_ece": 1}) == 0.5


def test_graded_values() -> None:
    """The main metric is its value, though no answer is wholly right; further metrics may have weights."""
    [one] = graded([0.4], metrics=[{"length": 1.0}])
    assert utility(one, {"metric": 1.0}) == pytest.approx(0.4)
    assert utility(one, {"metric": 1.0, "accuracy": 1.0}) == pytest.approx(0.2)
    assert utility(one, {"metric": 1.0, "length": 1.0}) == pytest.approx(0.7)
    assert utility(one, {"ifr": 1.0}) == pytest.approx(0.4)


def test_no_weight_that_applies() -> None:
    """If no weight applies to a single example, correctness decides."""
    assert utility(outcome(1, True), {"ifr": 1}) == 1
    assert utility(outcome(1, False), {"ifr": 1}) == 0
