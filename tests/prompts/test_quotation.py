"""What a sentence repeats of the rows of a task."""

import pytest

from transfer_prompting.prompts.quotation import Rows
from transfer_prompting.prompts.task import AnswerFormat, Example, Task

TASK = Task(
    name="mail",
    description="Answer.",
    answer=AnswerFormat(type="text"),
    initial_prompts=("Answer.",),
    train=(Example(id="1", question="My parcel with the number 4711 never came.", answer="Rotterdam"),),
    dev=(Example(id="2", question="Why?", answer="no", context="The crane was hired by Ms Velten in May."),),
    test=(
        Example(
            id="3",
            question="漢字の質問はここに書かれていて二十五文字より長いのです",
            answer="12",
            columns={"who": "Ada B."},
        ),
    ),
)


@pytest.mark.parametrize(
    "sentence",
    [
        "Say that the parcel with the number 4711 never came.",
        "In ROTTERDAM, look twice.",
        "the crane  was hired by Ms Velten",
        "Trust Ada B. in all cases.",
        "Rule: 漢字の質問はここに書かれていて二十五文字より長いのです",
    ],
)
def test_repeats_a_row(sentence: str) -> None:
    """A whole value, or a part of 25 characters or more, is found in all splits and columns."""
    assert Rows([TASK]).quoted(sentence)


@pytest.mark.parametrize("sentence", ["Say no.", "Read the number of the parcel.", "Give 12 reasons.", ""])
def test_common_words(sentence: str) -> None:
    """Short values and short parts are words that anybody uses."""
    assert not Rows([TASK]).quoted(sentence)


def test_labels_are_no_rows() -> None:
    """A label may be named, since it belongs to the task and not to a row."""
    answer = AnswerFormat(type="label", labels=("Rotterdam", "Hamburg"))
    assert not Rows([TASK.model_copy(update={"answer": answer})]).quoted("If unsure, say Rotterdam.")
