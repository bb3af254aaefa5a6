"""The material of operators, and their choice of parents."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from operator_making import DEV, SHOWING, entry, material, parent, request, toy_task
from outcome_making import PROPERTY

from transfer_prompting.agents.messages import Failure, Success
from transfer_prompting.agents.operators.material import focused, gather, overlap, pick, pick_two
from transfer_prompting.prompts.candidate import candidate_id
from transfer_prompting.prompts.demonstrations import split_prompt
from transfer_prompting.prompts.seeds import seed_library


def test_gather() -> None:
    """The best prompt comes first, split into its two parts, with the full examples of its mistakes."""
    history = [
        entry("Answer.", 20),
        entry(SHOWING, 70, [Failure(task="toy", example="dev-1", answered="a")]),
    ]
    found = gather(request(1, history), {"toy": toy_task()})
    best, last = found.parents
    assert (best.id, best.score, last.instruction) == (candidate_id(SHOWING), 70, "Answer.")
    assert (best.instruction, best.demonstrations) == split_prompt(SHOWING)
    assert [(mistake.example, mistake.answered) for mistake in best.mistakes] == [(DEV[1], "a")]


@pytest.mark.parametrize(("task", "example"), [("toy", "test-0"), ("toy", "gone"), ("gone", "dev-1")])
def test_examples_that_are_not_shown(task: str, example: str) -> None:
    """A test example is never shown to a model that writes prompts, and an unknown example is skipped."""
    failures = [Failure(task=task, example=example, answered=None)]
    found = gather(request(1, [entry("Answer.", 20, failures)]), {"toy": toy_task()})
    assert found.parents[0].mistakes == ()


def test_clauses_suit_the_tasks() -> None:
    """Sentences about options are used only for tasks with options."""
    library = seed_library()
    assert gather(request(1, []), {"toy": toy_task()}).clauses == library.clauses + library.option_clauses
    assert gather(request(1, []), {"toy": toy_task(labels=())}).clauses == library.clauses


def test_better_parents_are_picked_more_often() -> None:
    """Of three prompts the best is drawn about three times as often as the last, and each is drawn."""
    parents = material().parents
    picked = [parents.index(pick(parents, Random(seed))) for seed in range(600)]
    counts = [picked.count(n) for n in range(3)]
    assert counts == sorted(counts, reverse=True)
    assert 2 < counts[0] / counts[2] < 4.5


@PROPERTY
@given(st.integers(0, 2**32))
def test_two_differ(seed: int) -> None:
    """Two parents have different instructions, even among many that differ only in their examples."""
    same = [parent(SHOWING + " " * n + f"\nText: {n}") for n in range(5)]
    one, other = pick_two([*same, parent("Answer the question.")], Random(seed))
    assert {one.instruction, other.instruction} == {"Look at the examples. Answer.", "Answer the question."}


def test_unlike_parents_are_preferred() -> None:
    """Of two partners the one with different words is chosen more often, although its rank is lower."""
    first, near, far = parent("Read it well."), parent("Read it very well."), parent("Choose one option.")
    picked = [pick_two([first, near, far], Random(seed)) for seed in range(400)]
    partners = [other for one, other in picked if one == first]
    assert partners.count(far) > partners.count(near) > 0


@pytest.mark.parametrize(
    ("one", "other", "share"), [("a b", "b A", 1.0), ("a b", "b c", 1 / 3), ("a", "b", 0.0), ("", "", 1.0)]
)
def test_overlap(one: str, other: str, share: float) -> None:
    """The overlap is the number of common words divided by the number of all words."""
    assert overlap(one, other) == pytest.approx(share)


def test_scores_are_put_on_one_scale() -> None:
    """A score is that of the best prompt plus the gain on shared examples, and never above the best."""
    best = entry("Best one.", 60).model_copy(update={"leader": True})
    lucky = entry("Lucky one.", 90).model_copy(update={"gain": 5, "shared": 9, "stopped": True})
    poor = entry("Poor one.", 70).model_copy(update={"gain": -20, "shared": 30})
    other = entry("Other one.", 95)
    found = gather(request(1, [other, poor, lucky, best]), {"toy": toy_task()}).parents
    assert [(p.score, p.rank) for p in found] == [(60, 1), (60, 2), (40, 3), (60, 4)]


def test_successes_are_gathered() -> None:
    """Successes come with their examples; an answer that is not told is the gold."""
    told = entry("Best one.", 60).model_copy(update={"successes": (Success(task="toy", example="dev-2"),)})
    [success] = gather(request(1, [told]), {"toy": toy_task()}).parents[0].successes
    assert (success.example, success.answered, success.key) == (DEV[2], "c", ("toy", "dev-2"))


def test_texts_are_put_back() -> None:
    """A parent puts a new instruction between what stands before and after it."""
    whole = "[[one]]\nFirst.\n\n[[two]]\nSecond."
    second = focused(parent(whole), ("one", "two"), "two")
    assert second.instruction == "Second."
    assert second.with_instruction("Third.") == "[[one]]\nFirst.\n\n[[two]]\nThird."
    assert second.text == whole
    assert focused(parent("Neither."), ("one", "two"), "two") == parent("Neither.")
