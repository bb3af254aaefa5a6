"""Long texts lose their middle, between words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from outcome_making import PROPERTY

from transfer_prompting.prompts.shortening import shorten

WORDS = " ".join(f"word{n}" for n in range(400))


def test_beginning_and_end_stay() -> None:
    """The beginning and the end of a long text stay, and no word is cut in two."""
    short = shorten(WORDS, 300)
    assert len(short) <= 300
    head, gap, tail = short.partition(" [...] ")
    assert gap
    assert WORDS.startswith(f"{head} ")
    assert WORDS.endswith(f" {tail}")
    assert len(head) > len(tail) > 80


def test_a_text_without_blanks_is_cut_anyway() -> None:
    """A text without blanks, such as Chinese, keeps its length although words cannot be told apart."""
    short = shorten("漢" * 900, 100)
    assert 90 < len(short) <= 100


@pytest.mark.parametrize("limit", [0, 1, 5, 8, 9, 12])
def test_tiny_limits(limit: int) -> None:
    """A limit too small for two pieces is kept all the same."""
    assert len(shorten(WORDS, limit)) <= limit


@PROPERTY
@given(st.text(max_size=300), st.integers(0, 200))
def test_never_longer(text: str, limit: int) -> None:
    """No text is longer than its limit, and a short one is only freed of the blanks around it."""
    short = shorten(text, limit)
    assert len(short) <= limit
    if len(text.strip()) <= limit:
        assert short == text.strip()
