"""The README is short enough to be read."""

from blocks import ROOT

_MOST_WORDS = 700


def test_length() -> None:
    """The README has at most seven hundred words, tables and commands included."""
    assert len((ROOT / "README.md").read_text(encoding="utf-8").split()) <= _MOST_WORDS
