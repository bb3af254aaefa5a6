"""Prompts of several texts: their parts, and the parts in which two of them differ."""

from hypothesis import given
from hypothesis import strategies as st
from outcome_making import PROPERTY

from transfer_prompting.prompts.named_texts import differing_texts, join_texts, split_texts

NAMES = ("retrieve", "rank", "answer")
WORDS = st.sampled_from(
    ["Find it.", "Find it twice.", "", "One [[rank]] in a line.", "[[other]]\nLook.", "Look:\n\n- here"]
)
TEXTS = st.tuples(WORDS, WORDS, WORDS).map(lambda words: dict(zip(NAMES, words, strict=True)))


@PROPERTY
@given(TEXTS)
def test_texts_come_back(texts: dict[str, str]) -> None:
    """The texts of a joined prompt are those that it was joined from."""
    assert split_texts(join_texts(texts), NAMES) == texts


@PROPERTY
@given(TEXTS, TEXTS)
def test_differing(one: dict[str, str], other: dict[str, str]) -> None:
    """The texts that differ are named in the order of the names, whichever prompt comes first."""
    expected = tuple(name for name in NAMES if one[name] != other[name])
    assert differing_texts(join_texts(one), join_texts(other), NAMES) == expected
    assert differing_texts(join_texts(other), join_texts(one), NAMES) == expected


def test_demonstrations_are_no_text() -> None:
    """Demonstrations after the last text make no difference."""
    prompt = join_texts(dict.fromkeys(NAMES, "Look."))
    assert differing_texts(prompt, f"{prompt}\n\nExamples:\nText: x\nAnswer: y", NAMES) == ()


def test_broken_structure() -> None:
    """A prompt that does not hold the texts differs in all of them from one that does."""
    prompt = join_texts(dict.fromkeys(NAMES, "Look."))
    assert differing_texts(prompt, "Look.", NAMES) == NAMES
    assert differing_texts("Look.", "Look twice.", NAMES) == ()
    assert differing_texts("Look.", "Look twice.", ("only",)) == ("only",)
