"""Doubts about right answers in the replies of writing models."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from outcome_making import PROPERTY

from transfer_prompting.prompts.reading.doubts import Doubt, read_doubts, without_doubts

DOUBT = '<doubtful example="3" answer="spam">It offers a prize.</doubtful>'


def test_a_doubt_is_read() -> None:
    """Number, suggestion and reason are read, whatever stands around them."""
    reply = f"First.\n{DOUBT}\n<instruction>Sort the mail.</instruction>"
    assert read_doubts(reply, 5) == [Doubt(3, "spam", "It offers a prize.")]
    assert without_doubts(reply) == "First.\n\n<instruction>Sort the mail.</instruction>"


@pytest.mark.parametrize(
    ("reply", "found"),
    [
        ("<doubtful example='2' answer='a \"b\"'>so</doubtful>", Doubt(2, 'a "b"', "so")),
        ("<doubtful example=2>so</doubtful>", Doubt(2, None, "so")),
        ('<Doubtful Example="#2">so\n  it is</Doubtful>', Doubt(2, None, "so it is")),
        ('<doubtful example="2" answer="x"/>', Doubt(2, "x", "no reason given")),
        ('<doubtful example="2">1 < 2 is true</doubtful>', Doubt(2, None, "1 < 2 is true")),
        ('<doubtful answer="" example="2">so</doubtful>', Doubt(2, None, "so")),
    ],
)
def test_other_spellings(reply: str, found: Doubt) -> None:
    """Quotes, case, order and empty tags may differ."""
    assert read_doubts(reply, 3) == [found]


@pytest.mark.parametrize(
    "reply",
    [
        DOUBT.replace('"3"', '"6"'),
        DOUBT.replace('"3"', '"0"'),
        DOUBT.replace('"3"', '"33333"'),
        "<doubtful>why</doubtful>",
        f"<think>Perhaps {DOUBT}</think> <instruction>Sort it.</instruction>",
        "That is doubtful.",
    ],
)
def test_what_is_no_doubt(reply: str) -> None:
    """An unknown number, a missing one, and reasoning are no doubts."""
    assert read_doubts(reply, 5) == []


def test_reasons_are_bounded() -> None:
    """A reason without end is cut."""
    [doubt] = read_doubts(f'<doubtful example="1">{"so " * 600}</doubtful>', 1)
    assert len(doubt.reason) <= 500


@PROPERTY
@given(
    st.lists(
        st.sampled_from(["<doubtful", ' example="1"', ">", "</doubtful>", "<", "/", "x", '"']), max_size=60
    )
)
def test_any_reply(pieces: list[str]) -> None:
    """Any reply can be read, and no doubt is outside the examples."""
    reply = "".join(pieces)
    assert all(doubt.number == 1 for doubt in read_doubts(reply, 1))
    assert len(without_doubts(reply)) <= len(reply)
