"""The identity of prompts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from task_making import PROPERTY

from transfer_prompting.prompts.candidate import candidate_id, make_candidate, normalised


@pytest.mark.parametrize(
    "text",
    ["Answer the question.", "answer  the\nquestion", " ANSWER THE QUESTION! ", "Answer the question:"],
)
def test_same_words_same_id(text: str) -> None:
    """Case, spacing and final punctuation do not make a different prompt."""
    assert candidate_id(text) == candidate_id("Answer the question.")


@pytest.mark.parametrize(
    "text", ["Answer the questions.", "Answer, the question.", "Answer the question?", ""]
)
def test_other_words_other_id(text: str) -> None:
    """Different words make a different prompt."""
    assert candidate_id(text) != candidate_id("Answer the question.")


def test_ids_never_change() -> None:
    """The id of a prompt is the same in every process and version, because logs hold it."""
    assert candidate_id("Answer the question.") == "pdb0bdb49"


@PROPERTY
@given(st.text())
def test_normalising_twice(text: str) -> None:
    """Blanks around a text change no id, and an id has a fixed form."""
    assert candidate_id(text) == candidate_id(f"  {text}  ")
    assert candidate_id(text).startswith("p")
    assert len(candidate_id(text)) == 9
    assert "\n" not in normalised(text)


def test_make() -> None:
    """A candidate keeps its text without the blanks around it, and cannot be changed."""
    made = make_candidate("  Answer. ", "initial", ("p1", "p2"))
    assert (made.text, made.operator, made.parents) == ("Answer.", "initial", ("p1", "p2"))
    assert made.id == candidate_id("Answer.")
    with pytest.raises(ValidationError, match="frozen"):
        made.text = "Other."
