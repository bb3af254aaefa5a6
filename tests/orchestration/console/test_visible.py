"""Text from outside is made visible before it is shown."""

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transfer_prompting.orchestration.console.visible import ESCAPED, one_line, visible

ANY = st.text(st.characters())
"""Texts with any character, lone surrogates included."""
TURNS = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
"""Kinds of characters that turn the direction of the text after them."""
HIDDEN = [
    *map(chr, range(0x200B, 0x2010)),
    *("\u00ad", "\u2060", "\ufeff", "\u3164", "\U000e0041", "\U000e0100", "\ufe00"),
]
ORDINARY = [
    *("👩\u200d👩\u200d👧", "❤\ufe0f", "می\u200cخواهم", "क्\u200dष", "naïve – 中文 🙂", "a\tb\nc"),
]


@given(ANY)
def test_nothing_is_obeyed_or_hidden(text: str) -> None:
    """Neither control characters, changes of direction nor lone surrogates are left, apart from layout."""
    for character in visible(text):
        category = unicodedata.category(character)
        assert character in "\t\n" or category not in ("Cc", "Cs", "Zl", "Zp")
        assert unicodedata.bidirectional(character) not in TURNS


@given(ANY)
def test_a_second_time(text: str) -> None:
    """Text that is visible stays as it is, so that it may pass several places."""
    assert visible(visible(text)) == visible(text)


@given(st.text())
def test_json_keeps_its_meaning(text: str) -> None:
    """A JSON document says the same after it was made visible."""
    document = json.dumps(text, ensure_ascii=False)
    assert json.loads(visible(document)) == text


@given(ANY, st.sampled_from(["ascii", "latin-1", "cp1252", "utf-8", "utf-16"]))
def test_any_encoding(text: str, encoding: str) -> None:
    """Every encoding can express every text, with escapes for what it lacks."""
    assert isinstance(text.encode(encoding, ESCAPED), bytes)


@pytest.mark.parametrize("hidden", HIDDEN)
def test_hidden_between_letters(hidden: str) -> None:
    """A character that nobody sees is shown between letters."""
    assert visible(f"pay{hidden}load") == f"pay{json.dumps(hidden)[1:-1]}load"


@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_writing(text: str) -> None:
    """What scripts and emoji need stays as it is."""
    assert visible(text) == text


def test_a_run_of_joiners() -> None:
    """Joiners in a row carry a hidden message, also between letters of a script that uses them."""
    assert "\u200c" not in visible("می\u200c\u200d\u200c\u200dخواهم")


def test_one_line() -> None:
    """A text on one line has no break of any kind."""
    assert one_line("a\u2028b\r\nc\x85d\x1ce\x0bf") == "a b c d e f"
