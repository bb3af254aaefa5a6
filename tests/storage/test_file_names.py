"""Names of files that are made from foreign names stay in their folder."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from log_making import PROPERTY

from transfer_prompting.storage.file_names import slug


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("harbour-0001", "harbour-0001"),
        ("../../up", "up"),
        ("/tmp/absolute", "tmp-absolute"),
        ("..", "run"),
        ("", "run"),
        (".hidden", "hidden"),
        ("a b", "a-b"),
        ("C:\\x", "C-x"),
        ("\uff0e\uff0e\uff0fup", "up"),
        ("nul", "run-nul"),
        ("com1.txt", "run-com1.txt"),
        ("Zürich_2", "Zürich_2"),
        ("-rf", "rf"),
    ],
)
def test_slugs(text: str, name: str) -> None:
    """A name keeps what is harmless in it, and gets hyphens for the rest."""
    assert slug(text) == name


@PROPERTY
@given(st.text())
def test_any_text(text: str) -> None:
    """Whatever the text, the slug is one short, visible part of a path, and its own slug."""
    name = slug(text)
    assert Path("folder", name).resolve().parent == Path("folder").resolve()
    assert re.fullmatch(r"[\w][\w.-]*", name)
    assert len(name.encode()) <= 104
    assert name.isprintable()
    assert slug(name) == name
