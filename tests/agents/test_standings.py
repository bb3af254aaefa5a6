"""The ranking of a stage."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from outcome_making import PROPERTY

from transfer_prompting.agents.standings import Standings
from transfer_prompting.prompts.candidate import make_candidate

TASKS = ("law", "medicine")
SCORES = st.lists(st.tuples(*[st.integers(0, 4).map(lambda n: n / 4)] * 2), min_size=1, max_size=8)


def standings(scores: list[tuple[float, float]], shuffle: int | None = None) -> Standings:
    """Candidates in order, their scores arriving in order or shuffled."""
    made = Standings(TASKS)
    candidates = [make_candidate(f"Prompt number {n}.", "initial") for n in range(len(scores))]
    arrivals = []
    for candidate, pair in zip(candidates, scores, strict=True):
        made.add(candidate)
        arrivals += [(candidate.id, task, score) for task, score in zip(TASKS, pair, strict=True)]
    if shuffle is not None:
        Random(shuffle).shuffle(arrivals)
    for arrival in arrivals:
        made.record(*arrival)
    return made


def test_mean_over_tasks() -> None:
    """A candidate's score is the mean over the tasks, and each task's score is kept."""
    (standing,) = standings([(0.5, 1.0)]).ranked()
    assert standing.score == 0.75
    assert list(standing.by_task.items()) == [("law", 0.5), ("medicine", 1.0)]


def test_ties_keep_the_order_of_arrival() -> None:
    """Of equals the one that came first is the better."""
    ranked = standings([(0.5, 0.5), (1.0, 0.0), (0.75, 0.75), (0.0, 1.0)]).ranked()
    assert [s.candidate.text[-2] for s in ranked] == ["2", "0", "1", "3"]


@PROPERTY
@given(SCORES, st.integers(0, 2**32))
def test_arrival_of_scores_does_not_matter(scores: list[tuple[float, float]], seed: int) -> None:
    """Whichever score comes first: the ranking is the same to the byte."""
    ordered, shuffled = standings(scores), standings(scores, shuffle=seed)
    one = [s.model_dump_json() for s in ordered.ranked()]
    assert [s.model_dump_json() for s in shuffled.ranked()] == one
    assert ordered.history(3) == shuffled.history(3)


@PROPERTY
@given(SCORES, st.integers(0, 10))
def test_history(scores: list[tuple[float, float]], count: int) -> None:
    """The history holds the best, in ascending order, with whole scores from 0 to 100."""
    made = standings(scores)
    history = made.history(count)
    assert len(history) == min(count, len(scores))
    found = [entry.score for entry in history]
    assert found == sorted(found)
    assert all(isinstance(score, int) and 0 <= score <= 100 for score in found)
    assert [entry.candidate for entry in reversed(history)] == [s.candidate.id for s in made.ranked()[:count]]


def test_complete() -> None:
    """The standings are complete when each candidate has its score on each task."""
    made = Standings(TASKS)
    assert made.complete
    candidate = make_candidate("Answer.", "initial")
    made.add(candidate)
    assert candidate.id in made
    assert "other" not in made
    assert len(made) == 1
    for task in TASKS:
        assert not made.complete
        made.record(candidate.id, task, 0.5)
    assert made.complete


def test_unknown_candidate() -> None:
    """A score of a candidate that was never entered is an error."""
    with pytest.raises(KeyError):
        Standings(TASKS).record("p1", "law", 0.5)
