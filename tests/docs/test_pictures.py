"""The diagrams show what their sources say, on any background."""

import re
from xml.etree import ElementTree

import pytest
from blocks import ROOT

DIAGRAMS = ("architecture", "conversation")
_TEXT = "{http://www.w3.org/2000/svg}text"
_WIDEST = 675
"""Points, which are 900 pixels."""


def _labels(name: str) -> list[str]:
    source = (ROOT / f"docs/{name}.dot").read_text(encoding="utf-8")
    labels = re.findall(r'label="([^"]*)"', source)
    return [line.strip() for label in labels for line in label.split("\\n")]


@pytest.mark.parametrize("name", DIAGRAMS)
def test_diagram_is_current(name: str) -> None:
    """A diagram holds exactly the labels of its source; `make pictures` draws it."""
    shown = [text.text or "" for text in ElementTree.parse(ROOT / f"docs/{name}.svg").iter(_TEXT)]
    assert sorted(text.strip() for text in shown) == sorted(_labels(name))


@pytest.mark.parametrize("name", DIAGRAMS)
def test_diagram_is_readable(name: str) -> None:
    """A diagram is at most 900 pixels wide and brings its own background."""
    svg = (ROOT / f"docs/{name}.svg").read_text(encoding="utf-8")
    width = re.search(r'<svg width="(\d+)pt"', svg)
    assert width is not None
    assert int(width[1]) <= _WIDEST
    assert '<polygon fill="#ffffff"' in svg


@pytest.mark.parametrize("page", ["README.md", "docs/design.md"])
def test_diagrams_are_shown(page: str) -> None:
    """The README shows the architecture; the page about the design shows both diagrams."""
    text = (ROOT / page).read_text(encoding="utf-8")
    wanted = DIAGRAMS if page != "README.md" else DIAGRAMS[:1]
    assert all(f"{name}.svg)" in text for name in wanted)
