"""The answers, scores and failures of a stage's candidates, and their order."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from outcome_making import PROPERTY, outcome

from transfer_prompting.agents.messages import PromptScored
from transfer_prompting.agents.messages.scores import Measure, Score
from transfer_prompting.agents.search.ranking import ranking
from transfer_prompting.agents.search.standings import Standings
from transfer_prompting.prompts.candidate import make_candidate
from transfer_prompting.prompts.task import AnswerFormat, Task

NAMES = ("law", "medicine")
TASKS = [
    Task(name=name, description="", answer=AnswerFormat(type="text"), initial_prompts=("Answer.",))
    for name in NAMES
]
SCORES = st.lists(st.tuples(*[st.integers(0, 4).map(lambda n: n / 4)] * 2), min_size=1, max_size=8)


def scored(candidate: str, task: str, score: float, right: str = "+-+-", first: int = 0) -> PromptScored:
    """A score over all up to the end of a block, whose outcomes begin with the example number `first`."""
    n = first + len(right)
    return PromptScored(
        stage="source",
        step=1,
        purpose="search",
        candidate=candidate,
        task=task,
        split="dev",
        score=Score(composite=score, measures={"accuracy": Measure(value=score, n=n)}),
        outcomes=tuple(outcome(first + n, sign == "+") for n, sign in enumerate(right)),
        prompt_tokens=0,
        completion_tokens=0,
    )


def standings(scores: list[tuple[float, float]], shuffle: int | None = None) -> Standings:
    """Candidates in order, their scores arriving in order or shuffled."""
    made = Standings(TASKS, {"accuracy": 1.0})
    arrivals = []
    for number, pair in enumerate(scores):
        candidate = make_candidate(f"Prompt number {number}.", "initial")
        made.add(candidate)
        arrivals += [scored(candidate.id, name, one) for name, one in zip(NAMES, pair, strict=True)]
    if shuffle is not None:
        Random(shuffle).shuffle(arrivals)
    for arrival in arrivals:
        made.record(arrival)
    return made


def test_mean_over_tasks() -> None:
    """A candidate's score is the mean over the tasks, and each task's score is kept."""
    (standing,) = standings([(0.5, 1.0)]).ranked()
    assert (standing.score, standing.examples) == (0.75, 8)
    assert list(standing.by_task.items()) == [("law", 0.5), ("medicine", 1.0)]


@PROPERTY
@given(SCORES, st.none() | st.integers(0, 7))
def test_ranked_by_the_common_rule(scores: list[tuple[float, float]], best: int | None) -> None:
    """The order is that of `ranking`, which the console uses, too."""
    made = standings(scores)
    ids = [make_candidate(f"Prompt number {n}.", "initial").id for n in range(len(scores))]
    if best is not None and best < len(ids):
        made.set_best(ids[best])
    known = {id_: (sum(pair) / 2, 8) for id_, pair in zip(ids, scores, strict=True)}
    assert [s.candidate.id for s in made.ranked()] == ranking(known, made.best)


@PROPERTY
@given(SCORES, st.integers(0, 2**32))
def test_arrival_of_scores_does_not_matter(scores: list[tuple[float, float]], seed: int) -> None:
    """The ranking, the front and the history are the same to the byte in any order of arrival."""
    ordered, shuffled = standings(scores), standings(scores, shuffle=seed)
    one = [s.model_dump_json() for s in ordered.ranked()]
    assert [s.model_dump_json() for s in shuffled.ranked()] == one
    assert ordered.front() == shuffled.front()
    assert ordered.history(3, Random(1)) == shuffled.history(3, Random(1))


@PROPERTY
@given(SCORES, st.integers(0, 10))
def test_history(scores: list[tuple[float, float]], count: int) -> None:
    """The history holds the best, in ascending order, with whole scores from 0 to 100."""
    made = standings(scores)
    history = made.history(count, Random(1))
    assert len(history) == min(count, len(scores))
    found = [entry.score for entry in history]
    assert found == sorted(found)
    assert all(isinstance(score, int) and 0 <= score <= 100 for score in found)
    assert [entry.candidate for entry in reversed(history)] == [s.candidate.id for s in made.ranked()[:count]]


def test_failures() -> None:
    """The three best come with some of the examples that they got wrong, unreadable answers first."""
    made = standings([(1.0, 1.0), (0.9, 0.9), (0.8, 0.8), (0.1, 0.1)])
    best = made.ranked()[0].candidate.id
    unread = scored(best, "law", 1.0).model_copy(update={"outcomes": (outcome(9, False, answer=None),)})
    made.record(unread)
    worst, *_, first = made.history(4, Random(1))
    assert worst.failures == ()
    assert (first.failures[0].example, first.failures[0].answered) == ("e9", None)
    wrong = {(failure.task, failure.example) for failure in first.failures[1:]}
    assert wrong == {(name, example) for name in NAMES for example in ("e1", "e3")}


def test_failures_are_chosen_at_random() -> None:
    """Of many failures twelve are shown, which the given randomness chooses."""
    made = Standings(TASKS, {"accuracy": 1.0})
    candidate = make_candidate("Answer.", "initial")
    made.add(candidate)
    made.record(scored(candidate.id, "law", 0.0, "-" * 40))
    shown = [made.history(1, Random(seed))[0].failures for seed in (1, 1, 2)]
    assert [len(failures) for failures in shown] == [12, 12, 12]
    assert shown[0] == shown[1] != shown[2]


def test_blocks_add_up() -> None:
    """Answers of all blocks are kept; the score is that of the latest block, over all of them."""
    made = Standings(TASKS, {"accuracy": 1.0})
    candidate = make_candidate("Answer.", "initial")
    made.add(candidate)
    assert (candidate.id in made, "other" in made, len(made)) == (True, False, 1)
    made.record(scored(candidate.id, "law", 0.5, "+-"))
    made.record(scored(candidate.id, "law", 0.75, "++", first=2))
    keys = [("law", f"e{n}") for n in (3, 2, 1, 7, 0)]
    assert made.utilities(candidate.id, keys) == [1.0, 1.0, 0.0, 1.0]
    assert ("law", "e3") in made.answered(candidate.id)
    assert ("medicine", "e3") not in made.answered(candidate.id)
    (standing,) = made.ranked()
    assert (standing.score, standing.examples) == (0.75, 4)


def test_front() -> None:
    """The front holds the best prompts in each measure, among those with as many answers as the best."""
    made = Standings(TASKS, {"accuracy": 1.0, "ifr": 1.0, "auroc": 0.0})
    measured = {"a": (0.9, 0.1), "b": (0.1, 0.9), "c": (0.1, 0.1), "few": (1.0, 1.0)}
    for name, (accuracy, ifr) in measured.items():
        candidate = make_candidate(name, "initial")
        made.add(candidate)
        message = scored(candidate.id, "law", 0.5, "+" if name == "few" else "+-+-")
        measures = {"accuracy": Measure(value=accuracy, n=4), "ifr": Measure(value=ifr, n=4)}
        score = Score(composite=0.5, measures=measures)
        made.record(message.model_copy(update={"score": score}))
    ids = {name: make_candidate(name, "initial").id for name in measured}
    made.set_best(ids["a"])
    assert set(made.front()) == {ids["a"], ids["b"]}


def test_unknown_candidate() -> None:
    """A score of a candidate that was never entered is an error."""
    with pytest.raises(KeyError):
        standings([]).record(scored("p1", "law", 0.5))
