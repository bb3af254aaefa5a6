"""Reading a score on the scale in a judge's reply."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transfer_prompting.prompts.reading.judgements import read_judgement

SCALE = (1, 5)


@pytest.mark.parametrize(
    "reply",
    [
        "Score: 4",
        "score = 4",
        "**Score:** 4",
        "Score: **4**",
        "Score: [4]",
        "Score:\n4",
        "Score: 4/5",
        "Score: 4 out of 5.",
        "Score: 4.0",
        "The score is 4.",
        "Score: 4, since it is plain.",
        "It is plain but long.\n\nScore: 4\n",
        "At first partly_decoded Score: 2. On reflection, score: 4",
        '{"score": 4}',
        "4",
        " **4**. ",
        "4/5",
    ],
)
def test_readable(reply: str) -> None:
    """A score after its label or alone is read, whatever signs surround it; the last one counts."""
    assert read_judgement(reply, SCALE) == 4


@pytest.mark.parametrize(
    "reply",
    [
        "",
        "Four.",
        "I would give it a 4 or so",
        "Score: a whole number, 1 for the worst, 5 for the best",
        "Score: 0",
        "Score: 6",
        "Score: 40",
        "Score: -4",
        "Score: 3-4",
        "Score: 3 to 4",
        "Score: 3 or 4",
        "Score: 4/10",
        "Score: 80%",
        "Score: 3,5",
        "Score: 4\nNo, score: 9",
        "3 4",
        "Underscore: many, 4",
    ],
)
def test_unreadable(reply: str) -> None:
    """Words, ranges, other scales and numbers outside the scale are not read as a score."""
    assert read_judgement(reply, SCALE) is None


def test_between_two_scores() -> None:
    """A score between two whole numbers is read."""
    assert read_judgement("Score: 3.5", SCALE) == 3.5


def test_cut_off() -> None:
    """A number at the very end of a reply that was cut off may lack digits, so it is not read."""
    assert read_judgement("Score: 1", (0, 100), cut=True) is None
    assert read_judgement("Score: 1\nbecause", (0, 100), cut=True) == 1
    assert read_judgement("Score: 1", (0, 100)) == 1


@pytest.mark.parametrize(
    ("reply", "score"),
    [
        ("<think>Score: 2 at first.</think>\nScore: 4", 4),
        ("<think>Score: 2 at first", None),
        ("Score: 2</think>Score: 4<|im_end|>", 4),
        ("<|channel|>analysis<|message|>Score: 2", None),
        ("\ufeffScore: \u200b4", 4),
    ],
)
def test_reasoning_is_no_score(reply: str, score: float | None) -> None:
    """A score in reasoning is not the judge's, also if the reasoning was cut off."""
    assert read_judgement(reply, SCALE) == score


@given(st.text(max_size=60))
def test_any_reply(reply: str) -> None:
    """Any reply is read as a score on the scale or as None."""
    score = read_judgement(reply, SCALE)
    assert score is None or 1 <= score <= 5


@given(st.integers(0, 100))
def test_every_score_of_a_scale(score: int) -> None:
    """Each number of the scale is read back from the demanded form."""
    assert read_judgement(f"Score: {score}", (0, 100)) == score
