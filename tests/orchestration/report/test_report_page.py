"""Tests of the report as HTML: complete, self-contained and safe to open."""

import re
from base64 import b64encode
from dataclasses import replace
from hashlib import sha256
from html import unescape
from html.parser import HTMLParser

from harbour_run import harbour_log
from hostile import ATTACK, hostile

from transfer_prompting.orchestration.projections.history import RunHistory
from transfer_prompting.orchestration.report.contents import Contents, contents_of
from transfer_prompting.orchestration.report.page import page
from transfer_prompting.storage.sqlite.reader import LogReader

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
    plots = re.findall(r'<div class="plot".*?</svg>', page(contents), flags=re.DOTALL)
    assert len(plots) == 4
    assert "<style" not in "".join(plots)
    for plot in plots:
        assert set(re.findall(r"(?:fill|stroke): ([^;\"]+)", plot)) <= {
            "none",
            "var(--ink)",
            "var(--faint)",
            "var(--paper)",
            "var(--first)",
            "var(--second)",
            "var(--third)",
            "var(--fourth)",
        }


def test_no_style_but_its_own(contents: Contents) -> None:
    """The policy allows the one script and the one style sheet of the page, by their digests."""
    html = page(contents)
    policy = unescape(re.findall(r'Content-Security-Policy" content="([^"]*)"', html)[0])
    for kind in ("style", "script"):
        [text] = re.findall(rf"<{kind}>(.*?)</{kind}>", html, flags=re.DOTALL)
        digest = b64encode(sha256(text.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none'; ")
    assert not re.search("unsafe-inline(?!'; script-src)", policy)


def test_a_page_of_many_examples(contents: Contents) -> None:
    """The page of a run with 20,000 held-out examples is small enough to be sent, and says what it lacks."""
    [pair, *_] = contents.pairs
    many = tuple(replace(pair, example=f"row-{at}", question="long " * 2000) for at in range(20_000))
    html = page(replace(contents, pairs=many))
    assert len(html) < len(page(contents)) + 600_000
    assert "first 500 of 20,000 examples" in html


def test_the_request_and_the_sentences(contents: Contents) -> None:
    """The page has the body of the request, every sentence of the best prompt, and the replies in full."""
    text = "".join(_parsed(page(contents)).text)
    assert contents.request is not None
    assert contents.request.body in text
    assert contents.sentences
    assert contents.in_full
    assert all(one.sentence in text for one in contents.sentences)
    for one in contents.in_full:
        assert one.best is not None
        assert one.initial is not None
        assert (one.best.replied or "") in text
        assert (one.initial.replied or "") in text


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
    with LogReader(harbour_log()) as reader:
        html = page(contents_of(early, reader))
    assert "The run is not finished" in html
    assert "No prompt has been scored yet" in html
    assert "<svg" not in html
