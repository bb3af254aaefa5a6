"""The Pareto front."""

from hypothesis import given
from hypothesis import strategies as st
from outcome_making import PROPERTY

from transfer_prompting.agents.search.pareto import front

MEASURES = ("accuracy", "ifr", "brevity_prompt")
Points = dict[str, dict[str, float | None]]
VALUE = st.none() | st.integers(0, 4).map(lambda n: n / 4)
POINTS = st.dictionaries(
    st.sampled_from([f"p{n}" for n in range(8)]), st.fixed_dictionaries(dict.fromkeys(MEASURES, VALUE))
)


def dominates(one: dict[str, float | None], other: dict[str, float | None]) -> bool:
    """Return whether one point is nowhere worse and somewhere better; None is worse than zero."""
    pairs = [
        (-1.0 if a is None else a, -1.0 if b is None else b)
        for a, b in ((one[m], other[m]) for m in MEASURES)
    ]
    return all(a >= b for a, b in pairs) and any(a > b for a, b in pairs)


@PROPERTY
@given(POINTS)
def test_front(points: Points) -> None:
    """No member is dominated by any point, and every other point is dominated by a member."""
    found = front(points, MEASURES)
    assert not any(dominates(other, points[id_]) for id_ in found for other in points.values())
    for id_ in points.keys() - set(found):
        assert any(dominates(points[member], points[id_]) for member in found)


@PROPERTY
@given(POINTS)
def test_order_does_not_matter(points: Points) -> None:
    """The front is sorted and does not depend on the order of the points."""
    assert (
        front(dict(reversed(points.items())), MEASURES)
        == front(points, MEASURES)
        == sorted(front(points, MEASURES))
    )


def test_by_hand() -> None:
    """A trade-off keeps both; equals stay together; an undefined measure is worse than zero."""
    points: Points = {
        "exact": {"accuracy": 0.9, "ifr": 0.5},
        "obedient": {"accuracy": 0.5, "ifr": 0.9},
        "twin": {"accuracy": 0.5, "ifr": 0.9},
        "worse": {"accuracy": 0.5, "ifr": 0.5},
        "unasked": {"accuracy": 0.9, "ifr": None},
    }
    assert front(points, ("accuracy", "ifr")) == ["exact", "obedient", "twin"]
    assert front(points, ("accuracy",)) == ["exact", "unasked"]
    assert front({"zero": {"ifr": 0.0}, "none": {}}, ("ifr",)) == ["zero"]
