"""Reading a judge's reply: a score on the scale, or none."""

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
        "At first glance Score: 2. On reflection, score: 4",
        '{"score": 4}',
        "4",
        " **4**. ",
        "4/5",
    ],
)
def test_readable(reply: str) -> None:
    """A score behind its label or alone is read, whatever signs stand around it; the last one counts."""
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
    """No number is made of words, ranges, other scales, or of what lies beside the scale."""
    assert read_judgement(reply, SCALE) is None


def test_between_two_scores() -> None:
    """A judge may take the middle."""
    assert read_judgement("Score: 3.5", SCALE) == 3.5


def test_cut_off() -> None:
    """The last number of a reply that was cut off may lack digits; one that is followed by more does not."""
    assert read_judgement("Score: 1", (0, 100), cut=True) is None
    assert read_judgement("Score: 1\nbecause", (0, 100), cut=True) == 1
    assert read_judgement("Score: 1", (0, 100)) == 1


@given(st.text(max_size=60))
def test_any_reply(reply: str) -> None:
    """Whatever a model says is read as a score on the scale or as none."""
    score = read_judgement(reply, SCALE)
    assert score is None or 1 <= score <= 5


@given(st.integers(0, 100))
def test_every_score_of_a_scale(score: int) -> None:
    """In the demanded form each number of the scale is read as itself."""
    assert read_judgement(f"Score: {score}", (0, 100)) == score
