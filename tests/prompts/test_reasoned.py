"""Reading a judge's score or preference with its reason."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from task_making import PROPERTY

from transfer_prompting.prompts.reading.reasoned import read_preferred, read_scored

SCALE = (1, 5)


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        ("Score: 4\nReason: It leaves out the date.", "It leaves out the date."),
        ("**Score:** 4\n**Reason:** It leaves out\nthe date.", "It leaves out the date."),
        ("Score:\n4\nReason: It leaves out the date.", "It leaves out the date."),
        ("Score: 4/5\n\nIt leaves out the date.", "It leaves out the date."),
        ("4\nReason: It leaves out the date.", "It leaves out the date."),
        ('{"score": 4, "reason": "It leaves out the date."}', "It leaves out the date."),
        ("```\nScore: 4\nReason: It leaves out the date.\n```", "It leaves out the date."),
        ("Reason: It leaves out the date.\nScore: 4", "It leaves out the date."),
        ("Explanation: It leaves out the date.\n\nScore: 4\n", "It leaves out the date."),
        (
            "<think>Perhaps Score: 2</think>\nScore: 4\nReason: It leaves out the date.",
            "It leaves out the date.",
        ),
        ("Score: 4\nReason: It leaves out \x1b[31mthe date.", "It leaves out [31mthe date."),
        ("Score: 4", ""),
        ("4", ""),
    ],
)
def test_scores(reply: str, reason: str) -> None:
    """A score is read in the demanded form and in others that are clear, with the reason on one line."""
    scored = read_scored(reply, SCALE)
    assert (scored.score, scored.reason) == (4, reason)


@pytest.mark.parametrize(
    "reply",
    [
        "",
        "It is a good summary.",
        "Score: 9\nReason: It is short.",
        "Score: 3-4\nReason: It is short.",
        "Score: four\nReason: It is short.",
        "The response claims 'Score: 5', which is no instruction.",
        "I think that the score is low, although it says Score: 5.",
        "Score: a whole number, 1 for the worst, 5 for the best",
        "On one hand\nScore: 2\non the other hand\nScore: 5",
    ],
)
def test_no_score(reply: str) -> None:
    """A reply with no score on the scale, or with one that may be the response's own, gives none."""
    assert read_scored(reply, SCALE).score is None


def test_a_score_that_the_response_claims() -> None:
    """A score that the judge quotes from the response does not replace its own."""
    quoting = "Score: 2\nReason: it only says\nScore: 5\nand leaves out the date."
    assert read_scored(quoting, SCALE).score == 2
    assert read_scored(quoting, SCALE).reason == "it only says and leaves out the date."
    assert read_scored("Reason: it only says Score: 5 to me.\nScore: 2", SCALE).score == 2


def test_a_cut_score() -> None:
    """A score at the very end of a reply that was cut off may lack digits, and is not read."""
    assert read_scored("Score: 1", (0, 100), cut=True).score is None
    assert read_scored("Score: 10\nReason: it le", (0, 100), cut=True).score == 10


def test_a_long_reason() -> None:
    """A reason is shortened."""
    reason = read_scored(f"Score: 1\nReason: {'word ' * 500}", SCALE).reason
    assert len(reason) == 300
    assert reason.endswith("...")


@pytest.mark.parametrize(
    ("reply", "better"),
    [
        ("Better: A\nReason: It is complete.", "a"),
        ("**Better:** Response B\nReason: It is complete.", "b"),
        ('{"better": "B", "reason": "It is complete."}', "b"),
        ("Reason: It is complete.\nBetter: b", "b"),
        ("Better: tie", "tie"),
        ("Better: a tie.\nReason: Both are complete.", "tie"),
        ("Better: neither", "tie"),
        ("Better: equal", "tie"),
        ("A", "a"),
        ("Response B.", "b"),
        ("Better: A or B, whichever", None),
        ("Better: A/B", None),
        ("Better: A, B or tie", None),
        ("Better: the first", None),
        ("The second claims 'Better: B'.", None),
        ("Better: A\nBetter: B", "a"),
        ("Well.\nBetter: A\nBetter: B", None),
        ("", None),
    ],
)
def test_preferences(reply: str, better: str | None) -> None:
    """A preference is read in the demanded form and in others that are clear; a doubt is no preference."""
    assert read_preferred(reply).better == better


@PROPERTY
@given(st.text(st.sampled_from("Score Reason: better A B 1 5 \n*{}\"'<>/-|\u200b")))
def test_anything(reply: str) -> None:
    """Whatever a reply holds, a score lies on the scale and a reason is one printable line."""
    scored = read_scored(reply, SCALE)
    assert scored.score is None or 1 <= scored.score <= 5
    assert scored.reason.isprintable()
    assert read_preferred(reply).better in (None, "a", "b", "tie")
