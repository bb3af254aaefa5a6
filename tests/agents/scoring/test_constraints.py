"""Constraints on single measures."""

import pytest

from transfer_prompting.agents.messages.scores import Measure, Score
from transfer_prompting.agents.scoring.constraints import Constraint, violated

SCORE = Score(
    composite=0.5,
    measures={
        "ifr": Measure(value=0.9, n=50),
        "cost": Measure(value=2.0, n=50),
        "auroc": Measure(value=None, n=50),
    },
)


@pytest.mark.parametrize("text", ["ifr >= 0.9", "cost<=2", " ifr <= 1 ", "ifr >= 0"])
def test_satisfied(text: str) -> None:
    """A measure at the limit or on its right side satisfies the constraint."""
    assert violated(SCORE, [Constraint.parse(text)]) == []


def test_violated() -> None:
    """A violation states the constraint and the value; an undefined or unknown measure satisfies none."""
    demands = [Constraint.parse(text) for text in ("ifr >= 0.95", "cost <= 1.5", "auroc <= 1", "beauty >= 0")]
    assert violated(SCORE, demands) == [
        "ifr >= 0.95, but it is 0.9",
        "cost <= 1.5, but it is 2",
        "auroc <= 1, but it is undefined",
        "beauty >= 0, but it is undefined",
    ]


@pytest.mark.parametrize(
    "text", ["", "ifr", "ifr > 0.5", "ifr >= much", "0.5 <= ifr", "ifr >= 0.5 or so", "ifr >= 1.2.3"]
)
def test_other_forms(text: str) -> None:
    """Any other form is refused with an example of the right one."""
    with pytest.raises(ValueError, match=r'as in "ifr >= 0\.95"'):
        Constraint.parse(text)


@pytest.mark.parametrize(
    ("text", "low", "high", "surely"),
    [
        ("ifr >= 0.9", 0.7, 0.89, True),
        ("ifr >= 0.9", 0.7, 0.9, False),
        ("ifr <= 0.5", 0.6, 0.8, True),
        ("ifr <= 0.6", 0.6, 0.8, False),
        ("auroc >= 0.5", 0.6, 0.8, False),
    ],
)
def test_surely_broken(text: str, low: float, high: float, surely: bool) -> None:
    """A limit is surely broken if the whole interval lies beyond it, and never without an interval."""
    measures = {"ifr": Measure(value=0.75, n=50, low=low, high=high), "auroc": Measure(value=0.1, n=50)}
    assert Constraint.parse(text).surely_broken(Score(composite=0.5, measures=measures)) == surely
