"""Edits of sentences, and edits that add facts about the task."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from operator_making import CLAUSES, PROMPTS, SHOWING, material, toy_task
from outcome_making import PROPERTY

from transfer_prompting.agents.operators.base import Edit
from transfer_prompting.agents.operators.library import OPERATORS
from transfer_prompting.agents.operators.material import Material
from transfer_prompting.agents.operators.names import OperatorName
from transfer_prompting.agents.operators.sentences import sentences
from transfer_prompting.prompts.demonstrations import split_prompt, with_demonstrations

SEEDS = st.integers(0, 2**32)
OLD = sentences(PROMPTS[0])


def edit(name: OperatorName, material: Material, seed: int) -> str:
    """Return the text that the edit makes."""
    operator = OPERATORS[name]
    assert isinstance(operator, Edit)
    return operator.edit(material, Random(seed))[0]


@PROPERTY
@given(SEEDS, st.sampled_from(["extend", "replace", "shorten", "describe", "name_options"]))
def test_demonstrations_stay_behind(seed: int, name: OperatorName) -> None:
    """An edit of the instruction leaves its demonstrations unchanged."""
    instruction, demonstrations = split_prompt(edit(name, material(SHOWING), seed))
    assert demonstrations == split_prompt(SHOWING)[1]
    assert "Where does number" not in instruction


@PROPERTY
@given(SEEDS)
def test_extend(seed: int) -> None:
    """Extending adds one clause at the beginning or at the end."""
    new = sentences(edit("extend", material(PROMPTS[0]), seed))
    assert new[1:] == OLD or new[:-1] == OLD
    assert {*new} - {*OLD} <= {*CLAUSES}


@PROPERTY
@given(SEEDS)
def test_replace(seed: int) -> None:
    """Replacing exchanges one sentence for one clause."""
    new = sentences(edit("replace", material(PROMPTS[0]), seed))
    assert len(new) == len(OLD)
    assert next(b for a, b in zip(OLD, new, strict=True) if a != b) in CLAUSES
    assert sum(a != b for a, b in zip(OLD, new, strict=True)) == 1


@PROPERTY
@given(SEEDS)
def test_shorten(seed: int) -> None:
    """Shortening removes one sentence, or the demonstrations of a single sentence."""
    new = sentences(edit("shorten", material(PROMPTS[0]), seed))
    assert len(new) == len(OLD) - 1
    assert [s for s in OLD if s in new] == new
    alone = with_demonstrations("Answer.", toy_task().train)
    assert edit("shorten", material(alone), seed) == "Answer."


@PROPERTY
@given(SEEDS)
def test_cross(seed: int) -> None:
    """A cross begins with sentences of one parent, ends with some of the other, and repeats none."""
    parts = sentences(edit("cross", material("A one. A two. Both.", "Both. B four. B five."), seed))
    assert len(set(parts)) == len(parts)
    kinds = "".join(part[0] for part in parts if part != "Both.")
    assert kinds in {a * n + b * m for a, b in ("AB", "BA") for n in range(3) for m in range(3)}
    assert parts[0] in {"A one.", "Both."}


def test_cross_needs_two_instructions() -> None:
    """Prompts that differ only in their demonstrations are not crossed."""
    assert not OPERATORS["cross"].suits(material(SHOWING, split_prompt(SHOWING)[0]))


@PROPERTY
@given(SEEDS)
def test_describe(seed: int) -> None:
    """The description is put before or after the instruction."""
    assert edit("describe", material("Answer."), seed) in {
        "Answer. Sort the letters.",
        "Sort the letters. Answer.",
    }


def test_name_options() -> None:
    """The labels are named after the instruction; a task without labels does not suit."""
    assert edit("name_options", material("Answer."), 1) == "Answer. Answer with one of these: a, b, c."
    assert not OPERATORS["name_options"].suits(Material(material().parents, CLAUSES, [toy_task(labels=())]))


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("One. Two! Three? Four: five", ["One.", "Two!", "Three?", "Four:", "five"]),
        ("Version 2.5 is e.g. good", ["Version 2.5 is e.g.", "good"]),
        ("  One.\n\nTwo.  ", ["One.", "Two."]),
        ("", [""]),
    ],
)
def test_sentences(text: str, parts: list[str]) -> None:
    """A sentence ends with a punctuation mark and a blank; an empty text is one empty sentence."""
    assert sentences(text) == parts
