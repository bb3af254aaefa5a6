"""The measurement of cross-validations on simulated landscapes."""

from folds import Result, carry_out, figures
from graded_run import Plan
from landscape import Sizes


def test_a_set_is_set_beside_the_truth() -> None:
    """Without a rule that helps, the true gain is zero; the seed decides everything."""
    plan = Plan("right_or_wrong", 1, helpful=False, sizes=Sizes(train=2, dev=26, test=2), steps=1)
    found = carry_out(plan)
    assert (found.true, found.improved) == (0, False)
    assert -1 < found.reported < 1
    assert carry_out(plan) == found


def test_figures() -> None:
    """Findings are counted with their intervals, and gains averaged in points."""
    found = figures([Result(True, False, 0.2, 0.1), Result(False, False, 0.0, 0.1)])
    assert (found["runs"], found["improved"], found["one_split"]) == (2, 1, 0)
    assert (found["reported_gain"], found["true_gain"]) == (10.0, 10.0)
    assert found["improved_interval"][0] < 0.5 < found["improved_interval"][1]
