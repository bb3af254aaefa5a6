"""Tests of the report as HTML: complete, self-contained and safe to open."""

import re
from html.parser import HTMLParser

import pytest
from hostile import ATTACK, hostile

from transfer_prompting.orchestration.projections.history import RunHistory
from transfer_prompting.orchestration.report.contents import Contents, contents_of
from transfer_prompting.orchestration.report.page import page

_VOID = {"meta", "link", "br", "img", "input", "use", "path"}


class _Elements(HTMLParser):
    """Collects elements, attributes and text, and checks that elements are closed in order."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.open: list[str] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)
        self.attributes += attrs
        if tag not in _VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in _VOID:
            assert self.open.pop() == tag

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def _parsed(html: str) -> _Elements:
    elements = _Elements()
    elements.feed(html)
    return elements


@pytest.fixture(scope="module")
def contents(account: RunHistory) -> Contents:
    """Return the contents of the run's report."""
    return contents_of(account)


def test_the_verdict_comes_first(contents: Contents) -> None:
    """The headline, the sentences and the prompt to copy come first and unchanged."""
    html = page(contents)
    text = "".join(_parsed(html).text)
    assert contents.winner is not None
    places = [text.index(part) for part in (contents.headline, *contents.words, contents.winner.text)]
    assert places == sorted(places)
    assert html.index('id="winner"') < html.index('id="learning"')


def test_everything_is_in_it(contents: Contents) -> None:
    """The page has each prompt's history, each held-out example, each role, the settings and the hash."""
    text = " ".join("".join(_parsed(page(contents)).text).split())
    for member in contents.family:
        assert member.life.id in text
        assert all(" ".join(chapter.text.split()) in text for chapter in member.life.chapters)
    assert all(pair.example in text for pair in contents.pairs)
    assert {cost.role for cost in contents.costs} == {"scorer", "reference", "judge"}
    assert contents.hash in text
    assert f"seq {contents.seq}" in text
    assert '"target_task"' not in text
    assert '"history": 20' in text


def test_closed_in_itself(contents: Contents) -> None:
    """The page loads nothing from elsewhere, and every link leads to a place on the page."""
    elements = _parsed(page(contents))
    assert not elements.open
    targets = [v for name, v in elements.attributes if name in {"href", "src", "xlink:href", "srcset"}]
    ids = [v for name, v in elements.attributes if name == "id"]
    assert targets
    assert all(target is not None and target.startswith("#") for target in targets)
    assert {target[1:] for target in targets if target} <= set(ids)
    assert len(ids) == len(set(ids))


def test_colours_come_from_the_page(contents: Contents) -> None:
    """A plot takes all colours from the page, so that it is readable on light and dark backgrounds."""
    plots = re.findall(r"<svg.*?</svg>", page(contents), flags=re.DOTALL)
    assert len(plots) == 4
    for plot in plots:
        assert set(re.findall(r"(?:fill|stroke): ([^;\"]+)", plot)) <= {
            "none",
            "var(--ink)",
            "var(--faint)",
            "var(--paper)",
            "var(--first)",
            "var(--second)",
            "var(--third)",
        }


def test_the_same_run_the_same_page(contents: Contents) -> None:
    """Two reports of the same log are byte-for-byte the same page."""
    assert page(contents) == page(contents)


def test_hostile_texts_stay_texts(contents: Contents) -> None:
    """Prompts, answers, names and settings that look like HTML are shown as text and add no elements."""
    safe, attacked = _parsed(page(contents)), _parsed(page(hostile(contents)))
    assert attacked.seen.count("script") == safe.seen.count("script") == 1
    assert attacked.seen.count("img") == 0
    assert not {name for name, _ in attacked.attributes} & {"onload", "onerror", "onclick"}
    shown = "".join(attacked.text)
    assert shown.count(ATTACK) > 10


def test_a_run_that_has_just_begun(account: RunHistory) -> None:
    """A run without a score has a report that claims nothing."""
    early = RunHistory(account.run, account.opening)
    html = page(contents_of(early))
    assert "The run is not finished" in html
    assert "No prompt has been scored yet" in html
    assert "<svg" not in html
