"""The diagrams show what their sources say, on any background."""

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from blocks import ROOT
from pictures import main

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


def test_screens_are_current(tmp_path: Path) -> None:
    """The pictures of the recorded run show what the code draws today; `make pictures` draws them."""
    main(tmp_path)
    drawn = {path.name: _words(path) for path in tmp_path.iterdir()}
    assert set(drawn) == {"demo.svg", "live-view.svg"}
    for name, words in drawn.items():
        assert words == _words(ROOT / "docs" / name), name


def _words(svg: Path) -> list[str]:
    """Return the texts of a picture, without what depends on the version of the library that draws it."""
    found = ("".join(text.itertext()) for text in ElementTree.parse(svg).iter(_TEXT))
    return "".join(found).split()
