"""Properties that all operators share."""

from random import Random
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from operator_making import PROMPTS, material, mistakes, system_material, toy_task
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
SYSTEM = system_material(mistakes())
SEVERAL = {"merge", "all_texts"}
"""Operators for prompts of several texts."""


def rich(name: str) -> Material:
    """Return material that suits an operator."""
    return SYSTEM if name in SEVERAL else RICH


def made(operator: Operator, seed: int) -> tuple[str, tuple[str, ...]]:
    """Return the text that an operator makes, a prompt or a question, and the ids of its parents."""
    if isinstance(operator, Edit):
        return operator.edit(rich(operator.name), Random(seed))
    assert isinstance(operator, Writer)
    question = operator.question(rich(operator.name), Random(seed))
    return question.text, tuple(parent.id for parent in question.parents)


def test_every_name_has_its_operator() -> None:
    """The names that a configuration may use are exactly the names of the operators."""
    assert set(OPERATORS) == set(get_args(OperatorName))
    assert all(operator.name == name for name, operator in OPERATORS.items())


@pytest.mark.parametrize("name", ALL)
def test_rich_material_suits(name: OperatorName) -> None:
    """One task, several prompts, some of them long, and all kinds of mistakes suit every operator.

    Those for prompts of several texts suit no others.
    """
    assert OPERATORS[name].suits(rich(name))
    assert OPERATORS[name].suits(RICH) is (name not in SEVERAL)


@pytest.mark.parametrize("name", sorted(set(ALL) - SEVERAL))
def test_several_tasks(name: OperatorName) -> None:
    """An operator that refers to one task does not suit a stage with several."""
    assert OPERATORS[name].suits(material(tasks=2, wrong=mistakes())) is (name not in SPECIFIC)


@pytest.mark.parametrize("name", ALL)
def test_no_history(name: OperatorName) -> None:
    """Without any prompt, only the operator `history` suits."""
    bare = Material([], ["Think."], [toy_task()])
    assert OPERATORS[name].suits(bare) is (name == "history")


@PROPERTY
@given(st.integers(0, 2**32), st.sampled_from(ALL))
def test_same_seed_same_text(seed: int, name: OperatorName) -> None:
    """The result of an operator depends only on its material and the seed."""
    assert made(OPERATORS[name], seed) == made(OPERATORS[name], seed)


@PROPERTY
@given(st.integers(0, 2**32), st.sampled_from(ALL))
def test_parents_are_named(seed: int, name: OperatorName) -> None:
    """Each operator names its parents, all of them from its material and each once."""
    _, parents = made(OPERATORS[name], seed)
    assert set(parents) <= {parent.id for parent in rich(name).parents}
    expected = {"cross": 2, "crossover": 2, "history": 3, "merge": 2}.get(name, 1)
    assert len(set(parents)) == len(parents) == expected


@PROPERTY
@given(st.integers(0, 2**32), st.sampled_from(sorted(EDITS)))
def test_edits_avoid_what_is_known(seed: int, name: OperatorName) -> None:
    """A candidate of an edit has the edit's name and the id of its words, and is not known already."""
    operator = EDITS[name]
    known = {candidate_id(text) for text in PROMPTS}
    one = operator.candidate(rich(name), known, Random(seed))
    assert one is not None
    assert (one.operator, one.id) == (name, candidate_id(one.text))
    assert one.id not in known
    other = operator.candidate(rich(name), known | {one.id}, Random(seed))
    assert other is None or other.id != one.id


@pytest.mark.parametrize("name", sorted(set(EDITS) - SEVERAL))
@pytest.mark.parametrize("text", ["", " ", "\n\nExamples:\n", "Examples:\nText: x\nAnswer: a"])
def test_empty_instruction(name: OperatorName, text: str) -> None:
    """An empty prompt is a valid beginning: it is edited or left alone, and never raises an error."""
    poor = material(text, "Answer.")
    assert EDITS[name].suits(poor)
    for seed in range(20):
        one = EDITS[name].candidate(poor, {candidate_id(text)}, Random(seed))
        assert one is None or one.text


def test_nothing_new_to_find() -> None:
    """An edit that can only make known prompts ends without a candidate."""
    only = Material(material("Answer.").parents, ["Answer."], [toy_task()])
    assert EDITS["replace"].candidate(only, {candidate_id("Answer.")}, Random(1)) is None


def test_too_long() -> None:
    """An edit makes no prompt that exceeds the allowed length."""
    long = material("word " * 390 + "end.")
    assert (
        EDITS["extend"].candidate(Material(long.parents, ["x" * 100], long.tasks), set(), Random(1)) is None
    )
