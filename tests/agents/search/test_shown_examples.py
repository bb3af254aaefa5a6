"""The failures and successes that are chosen to be shown, and answers in numbers."""

from collections import Counter
from random import Random

from transfer_prompting.agents.messages import Confusion
from transfer_prompting.agents.messages.scores import Outcome
from transfer_prompting.agents.search.answer_tallies import answer_tallies
from transfer_prompting.agents.search.score_history import ExampleKey
from transfer_prompting.agents.search.shown_examples import FAILURES, SUCCESSES, failures, successes
from transfer_prompting.prompts.task import AnswerFormat, Example, Task

LABELS = ("a", "b", "c")


def outcome(number: int, answer: str | None, gold: str, **fields: object) -> Outcome:
    """Return an outcome whose answer is compared with the gold."""
    return Outcome.model_validate(
        {
            "example": f"e{number}",
            "answer": answer,
            "correct": answer == gold,
            "followed": answer is not None,
            "confidence": 0.9,
            **fields,
        }
    )


def answered(*pairs: tuple[str | None, str]) -> tuple[dict[ExampleKey, Outcome], dict[ExampleKey, str]]:
    """Return the outcomes of a prompt that gave the first answer where the second is right, and the golds."""
    outcomes = {("t", f"e{n}"): outcome(n, answer, gold) for n, (answer, gold) in enumerate(pairs)}
    return outcomes, {("t", f"e{n}"): gold for n, (_, gold) in enumerate(pairs)}


def test_right_answers_take_turns() -> None:
    """Among failures of one frequent and two rare golds, each hand of three shows all of them."""
    outcomes, golds = answered(*[("b", "a")] * 30, *[("a", "b")] * 4, *[("a", "c")] * 4)
    found = failures(outcomes, golds, Random(1))
    assert len(found) == FAILURES
    assert {golds[failure.task, failure.example] for failure in found[:3]} == {"a", "b", "c"}
    assert Counter(golds[failure.task, failure.example] for failure in found)["a"] <= 6


def test_unreadable_replies_come_first_and_leave_room() -> None:
    """Replies without a readable answer come first, but only a few if there are other failures."""
    outcomes, golds = answered(*[(None, "a")] * 30, *[("a", "b")] * 30)
    found = failures(outcomes, golds, Random(1))
    assert [failure.answered for failure in found[:4]] == [None] * 4
    assert all(failure.answered == "a" for failure in found[4:])


def test_near_misses_are_among_graded_failures() -> None:
    """Of graded answers the worst come first, and near misses are among those shown."""
    values = [n / 40 for n in range(40)]
    outcomes = {
        ("t", f"e{n}"): outcome(n, "x", "y", graded=value, correct=False) for n, value in enumerate(values)
    }
    found = [failure.value for failure in failures(outcomes, {}, Random(1))]
    assert found[:3] == sorted(found[:3])
    assert max(found[:3]) < 0.2
    assert {values[-1], values[-2]} <= set(found)


def test_each_further_metric_has_its_worst() -> None:
    """Examples that are right by the main metric and worst by another one are shown, with that metric."""
    outcomes, golds = answered(*[("b", "a")] * 20)
    for n in (50, 51):
        metrics = {"brevity": 0.1, "tone": 1.0}
        outcomes["t", f"e{n}"] = outcome(n, "b", "a", metrics=metrics, graded=0.5, correct=False)
    found = {failure.example: failure for failure in failures(outcomes, golds, Random(1))}
    assert found["e50"].metrics == found["e51"].metrics == {"brevity": 0.1}


def test_outputs_are_short_in_messages() -> None:
    """A failure keeps a shortened output and feedback, so that the log does not explode."""
    outcomes = {
        ("t", "e"): outcome(1, None, "a", output="blah " * 9000, feedback={"m": "no " * 9000, "n": " "})
    }
    [failure] = failures(outcomes, {}, Random(1))
    assert 1000 < len(failure.output) <= 1500
    assert [len(said) <= 500 for said in failure.feedback.values()] == [True]


def test_successes() -> None:
    """Some successes are shown, of different right answers."""
    outcomes, golds = answered(*[("a", "a")] * 20, ("b", "b"), ("c", "c"), ("a", "b"))
    found = successes(outcomes, golds, Random(1))
    assert len(found) == SUCCESSES
    assert {golds[success.task, success.example] for success in found} == set(LABELS)
    assert all(success.answered is None for success in found)


def test_good_answers_stand_in_for_perfect_ones() -> None:
    """If no graded answer is perfect, the best ones above one half are successes."""
    values = (0.2, 0.6, 0.9)
    outcomes = {("t", f"e{n}"): outcome(n, "x", "y", graded=v, correct=False) for n, v in enumerate(values)}
    found = successes(outcomes, {}, Random(1))
    assert {success.example for success in found} == {"e1", "e2"}


def test_tally() -> None:
    """Answers given stand beside right ones, with the most frequent confusions."""
    task = Task(
        name="t",
        description="",
        answer=AnswerFormat(type="label", labels=LABELS),
        initial_prompts=("Answer.",),
        dev=(Example(id="e0", question="", answer="a"),),
    )
    outcomes, golds = answered(*[("a", "b")] * 5, *[("a", "a")] * 3, (None, "c"), ("b", "b"))
    [tally] = answer_tallies([task], outcomes, golds)
    assert (tally.examples, tally.unreadable) == (10, 1)
    assert (tally.answered, tally.golds) == ({"a": 8, "b": 1}, {"b": 6, "a": 3, "c": 1})
    assert tally.confusions[0] == Confusion(gold="b", answered="a", count=5)


def test_open_answers_have_no_tally() -> None:
    """Answers without options are not counted."""
    task = Task(name="t", description="", answer=AnswerFormat(type="number"), initial_prompts=("Answer.",))
    outcomes, golds = answered(("1", "2"))
    assert answer_tallies([task], outcomes, golds) == ()
