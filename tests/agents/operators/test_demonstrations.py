"""The operator `demonstrations`: choice, number and order of the examples."""

import re
from collections import Counter
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from operator_making import CLAUSES, PROMPTS, SHOWING, TRAIN, material, parent, toy_task
from outcome_making import PROPERTY

from transfer_prompting.agents.operators.demonstrations import Demonstrations
from transfer_prompting.agents.operators.material import Attempt, Material
from transfer_prompting.agents.operators.selection import (
    MOST,
    Strategy,
    balanced,
    near_failures,
    one_of_each,
)
from transfer_prompting.prompts.demonstrations import split_prompt
from transfer_prompting.prompts.reading.proposals import MAX_CHARACTERS
from transfer_prompting.prompts.task import Example

SEEDS = st.integers(0, 2**32)
MANY = tuple(Example(id=f"m{n}", question=f"Item {n}", answer="abc"[n % 3]) for n in range(60))
OPEN = tuple(Example(id=f"o{n}", question=f"Item {n}", answer=str(n)) for n in range(30))
LATE = Example(id="dev-1", question="My parcel came too late", answer="delivery")
SHOP = (
    Example(id="far", question="Where is the driver", answer="delivery"),
    Example(id="near", question="The parcel came a week late", answer="delivery"),
    Example(id="other", question="The parcel costs too much", answer="price"),
    Example(id="unlike", question="A refund please", answer="price"),
    Example(id="none", question="My parcel came too late again", answer="praise"),
)


@PROPERTY
@given(SEEDS)
def test_instruction_stays(seed: int) -> None:
    """The instruction stays unchanged, and other training examples replace its demonstrations."""
    text, _ = Demonstrations().edit(material(SHOWING), Random(seed))
    instruction, demonstrations = split_prompt(text)
    assert instruction == "Look at the examples. Answer."
    shown = [example for example in TRAIN if example.question in demonstrations]
    assert len(shown) == demonstrations.count("\nAnswer: ") >= 2


@PROPERTY
@given(SEEDS)
def test_one_of_each(seed: int) -> None:
    """The strategy chooses one example of each answer."""
    assert sorted(e.answer for e in one_of_each(MANY, (), Random(seed))) == ["a", "b", "c"]


@PROPERTY
@given(SEEDS)
def test_balanced(seed: int) -> None:
    """The strategy chooses an even number of examples, with about equally frequent answers."""
    chosen = balanced(MANY, (), Random(seed))
    counts = Counter(e.answer for e in chosen)
    assert len({e.id for e in chosen}) == len(chosen)
    assert len(chosen) in {2, 4, 6, 8}
    assert max(counts.values()) - min(counts[answer] for answer in "abc") <= 1


def test_numbers_of_examples_vary() -> None:
    """The best number of examples is unknown, so several numbers are tried."""
    assert {len(balanced(MANY, (), Random(seed))) for seed in range(60)} == {2, 4, 6, 8}


def test_near_failures() -> None:
    """The two examples most similar to the mistake are chosen: one with each of the two answers."""
    chosen = near_failures(SHOP, [Attempt(LATE, "price")], Random(1))
    assert [e.id for e in chosen] == ["near", "other"]
    assert [e.id for e in near_failures(SHOP, [Attempt(LATE, None)], Random(1))] == ["near"]


def test_near_failures_twice() -> None:
    """Two equal mistakes lead to two examples, the nearest and the second nearest."""
    wrong = [Attempt(LATE, None), Attempt(LATE.model_copy(update={"id": "dev-2"}), None)]
    assert [e.id for e in near_failures(SHOP, wrong, Random(1))] == ["near", "far"]


@pytest.mark.parametrize("strategy", [one_of_each, balanced])
def test_choices_vary(strategy: Strategy) -> None:
    """Different seeds choose different examples; the race decides which of them help."""
    assert len({e.id for seed in range(40) for e in strategy(MANY, (), Random(seed))}) > 30


def test_orders_vary() -> None:
    """The same examples are tried in several orders."""
    two = toy_task().model_copy(update={"train": TRAIN[:2]})
    shown = Material([parent("Answer.")], CLAUSES, [two])
    assert len({Demonstrations().edit(shown, Random(seed))[0] for seed in range(20)}) == 2


def test_answers_keep_no_pattern() -> None:
    """The answers do not simply alternate, because a model would learn that pattern instead of the task."""
    two = toy_task().model_copy(update={"train": tuple(e for e in MANY if e.answer != "c")})
    shown = Material([parent("Answer.")], CLAUSES, [two])
    texts = [Demonstrations().edit(shown, Random(seed))[0] for seed in range(40)]
    answers = ["".join(re.findall(r"^Answer: (\w)", text, re.MULTILINE)) for text in texts]
    assert any("aa" in a for a in answers)
    assert any("ab" in a for a in answers)


def test_near_failures_are_used() -> None:
    """Known mistakes sometimes determine the examples; without mistakes that strategy is not used."""
    wrong = [Attempt(TRAIN[4], None)]
    assert 1 in {_shown(material(PROMPTS[2], wrong=wrong), seed) for seed in range(40)}
    assert 1 not in {_shown(material(PROMPTS[2]), seed) for seed in range(40)}


@pytest.mark.parametrize("strategy", [one_of_each, balanced, near_failures])
def test_at_most_eight(strategy: Strategy) -> None:
    """No strategy chooses more than the maximum, and no example is shown twice."""
    wrong = [Attempt(example, "3") for example in OPEN]
    chosen = strategy(OPEN, wrong, Random(1))
    assert 0 < len(chosen) <= MOST
    assert len({e.id for e in chosen}) == len(chosen)


def test_long_examples_are_left_out() -> None:
    """Only as many examples are shown as fit into a prompt."""
    long = tuple(e.model_copy(update={"question": "word " * 120}) for e in TRAIN)
    task = toy_task().model_copy(update={"train": long})
    for seed in range(20):
        text, _ = Demonstrations().edit(Material([parent("Answer.")], CLAUSES, [task]), Random(seed))
        assert len(text) <= MAX_CHARACTERS
        assert 1 <= text.count("\nAnswer: ") <= 3


def test_without_train() -> None:
    """The operator does not suit a task without training examples."""
    bare = toy_task().model_copy(update={"train": ()})
    assert not Demonstrations().suits(Material(material().parents, CLAUSES, [bare]))


def _shown(material: Material, seed: int) -> int:
    """Return the number of examples that the edit shows."""
    return Demonstrations().edit(material, Random(seed))[0].count("\nAnswer: ")
