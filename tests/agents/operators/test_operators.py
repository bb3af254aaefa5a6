"""What all operators have in common."""

from random import Random
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from operator_making import PROMPTS, material, mistakes, toy_task
from outcome_making import PROPERTY

from transfer_prompting.agents.operators.base import Edit, Operator, Writer
from transfer_prompting.agents.operators.library import OPERATORS
from transfer_prompting.agents.operators.material import Material
from transfer_prompting.agents.operators.names import OperatorName
from transfer_prompting.prompts.candidate import candidate_id

ALL = sorted(OPERATORS)
EDITS = {name: operator for name, operator in OPERATORS.items() if isinstance(operator, Edit)}
WRITERS = {name: operator for name, operator in OPERATORS.items() if isinstance(operator, Writer)}
SPECIFIC = {"demonstrations", "describe", "name_options"}
RICH = material(wrong=mistakes())


def made(operator: Operator, seed: int) -> tuple[str, tuple[str, ...]]:
    """The text that an operator gives, for a model or for the scorer, and the parents' ids."""
    if isinstance(operator, Edit):
        return operator.edit(RICH, Random(seed))
    assert isinstance(operator, Writer)
    question = operator.question(RICH, Random(seed))
    return question.text, tuple(parent.id for parent in question.parents)


def test_every_name_has_its_operator() -> None:
    """The names that a configuration may use are those of the operators."""
    assert set(OPERATORS) == set(get_args(OperatorName))
    assert all(operator.name == name for name, operator in OPERATORS.items())


@pytest.mark.parametrize("name", ALL)
def test_rich_material_suits(name: OperatorName) -> None:
    """One task, several prompts, long ones, and mistakes of all kinds: every operator has what it needs."""
    assert OPERATORS[name].suits(RICH)


@pytest.mark.parametrize("name", ALL)
def test_several_tasks(name: OperatorName) -> None:
    """What speaks of one task is not said in a stage with several."""
    assert OPERATORS[name].suits(material(tasks=2, wrong=mistakes())) is (name not in SPECIFIC)


@pytest.mark.parametrize("name", ALL)
def test_no_history(name: OperatorName) -> None:
    """Without any prompt only the operator that can begin from nothing is of use."""
    bare = Material([], ["Think."], [toy_task()])
    assert OPERATORS[name].suits(bare) is (name == "history")


@PROPERTY
@given(st.integers(0, 2**32), st.sampled_from(ALL))
def test_same_seed_same_text(seed: int, name: OperatorName) -> None:
    """An operator follows from its material and the seed alone."""
    assert made(OPERATORS[name], seed) == made(OPERATORS[name], seed)


@PROPERTY
@given(st.integers(0, 2**32), st.sampled_from(ALL))
def test_parents_are_named(seed: int, name: OperatorName) -> None:
    """Each operator names the prompts that it started from, all of them of its material, each once."""
    _, parents = made(OPERATORS[name], seed)
    assert set(parents) <= {candidate_id(text) for text in PROMPTS}
    expected = {"cross": 2, "crossover": 2, "history": 3}.get(name, 1)
    assert len(set(parents)) == len(parents) == expected


@PROPERTY
@given(st.integers(0, 2**32), st.sampled_from(sorted(EDITS)))
def test_edits_avoid_what_is_known(seed: int, name: OperatorName) -> None:
    """A candidate of an edit carries its name, the id of its words, and is none of the known."""
    operator = EDITS[name]
    known = {candidate_id(text) for text in PROMPTS}
    one = operator.candidate(RICH, known, Random(seed))
    assert one is not None
    assert (one.operator, one.id) == (name, candidate_id(one.text))
    assert one.id not in known
    other = operator.candidate(RICH, known | {one.id}, Random(seed))
    assert other is None or other.id != one.id


@pytest.mark.parametrize("name", sorted(EDITS))
@pytest.mark.parametrize("text", ["", " ", "\n\nExamples:\n", "Examples:\nText: x\nAnswer: a"])
def test_empty_instruction(name: OperatorName, text: str) -> None:
    """An empty prompt, which is a fair beginning, is edited or left alone, and never an error."""
    poor = material(text, "Answer.")
    assert EDITS[name].suits(poor)
    for seed in range(20):
        one = EDITS[name].candidate(poor, {candidate_id(text)}, Random(seed))
        assert one is None or one.text


def test_nothing_new_to_find() -> None:
    """Where all that an edit can make is known, it makes nothing, and ends."""
    only = Material(material("Answer.").parents, ["Answer."], [toy_task()])
    assert EDITS["replace"].candidate(only, {candidate_id("Answer.")}, Random(1)) is None


def test_too_long() -> None:
    """An edit makes no prompt that would be rejected for its length."""
    long = material("word " * 390 + "end.")
    assert (
        EDITS["extend"].candidate(Material(long.parents, ["x" * 100], long.tasks), set(), Random(1)) is None
    )
