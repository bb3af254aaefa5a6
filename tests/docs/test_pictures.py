"""The diagrams show what their sources say, on any background."""

import json
import re
from xml.etree import ElementTree

import pytest
from blocks import ROOT

from transfer_prompting.orchestration.cli.options import RECORDED
from transfer_prompting.storage.opening import open_reader
from transfer_prompting.storage.place import DEMO

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


def test_demo_is_current() -> None:
    """The picture of the recorded run has its verdict and its prompt; `make pictures` draws it."""
    with open_reader(DEMO) as reader:
        finished = json.loads(next(reader.read(RECORDED, kinds=("run.finished",))).data)
    shown = re.sub(r"\s+", "", "".join(ElementTree.parse(ROOT / "docs/demo.svg").getroot().itertext()))
    figures = re.search(r"\d\.\d{3} -> \d\.\d{3}", finished["verdict"])
    assert figures is not None
    assert re.sub(r"\s+", "", figures[0]) in shown
    assert finished["best"]["id"] in shown
