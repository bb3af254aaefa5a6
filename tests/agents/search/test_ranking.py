"""The one order in which prompts are shown and used."""

from hypothesis import given
from hypothesis import strategies as st
from outcome_making import PROPERTY

from transfer_prompting.agents.search.ranking import ranking

SCORES = st.dictionaries(st.text(max_size=3), st.tuples(st.floats(0, 1), st.integers(0, 99)), max_size=8)


def test_the_better_first() -> None:
    """On the same number of examples the better score comes first."""
    assert ranking({"a": (0.2, 9), "b": (0.9, 9), "c": (0.5, 9)}, None) == ["b", "c", "a"]


def test_of_equals_the_earlier() -> None:
    """Equal prompts keep their order of arrival."""
    assert ranking({"b": (0.5, 9), "a": (0.5, 9), "c": (0.5, 9)}, None) == ["b", "a", "c"]


def test_few_examples_prove_little() -> None:
    """A slightly better score on few examples stands behind one on many, a slightly worse one before it."""
    assert ranking({"few": (0.9, 5), "many": (0.8, 100), "poor": (0.1, 100)}, None)[0] == "many"
    assert ranking({"many": (0.2, 100), "few": (0.1, 5), "good": (0.9, 100)}, None)[-1] == "many"


def test_the_winner_of_the_last_race() -> None:
    """The winner of the last race comes first, whatever the scores; an unknown id changes nothing."""
    scores = {"a": (0.2, 9), "b": (0.9, 9), "c": (0.5, 9)}
    assert ranking(scores, "a") == ["a", "b", "c"]
    assert ranking(scores, "z") == ranking(scores, None)


@PROPERTY
@given(SCORES, st.none() | st.text(max_size=3))
def test_everybody_once(scores: dict[str, tuple[float, int]], best: str | None) -> None:
    """Each prompt has one place."""
    assert sorted(ranking(scores, best)) == sorted(scores)
