"""The links of pages lead somewhere, and the files they name exist."""

import re
from pathlib import Path

import pytest
from blocks import PAGES, ROOT

_LINK = re.compile(r"(?<!!)\[[^\]]*\]\((?!https?:|mailto:)([^)#\s]*)(?:#([^)]*))?\)|!\[[^\]]*\]\(([^)\s]+)\)")
_PATH = re.compile(r"`((?:agents|benchmarks|examples|orchestration|prompts|storage|tests)/[\w./-]+)`")
_MADE_UP = {"prompts/templates/NAME.jinja"}
_PAGES = [*PAGES, *(ROOT / name for name in ("CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md"))]


@pytest.mark.parametrize("page", _PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_named_files_exist(page: Path) -> None:
    """A file or folder of the project that a page names exists."""
    named = set(_PATH.findall(page.read_text(encoding="utf-8"))) - _MADE_UP
    assert [path for path in sorted(named) if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("page", _PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_to_files_and_headings(page: Path) -> None:
    """A relative link of a page names an existing file, and a heading of that file."""
    for target, heading, image in _LINK.findall(page.read_text(encoding="utf-8")):
        path = (page.parent / (target or image)) if target or image else page
        assert path.exists(), f"{page.name}: {target or image}"
        if heading:
            assert heading in _headings(path), f"{page.name}: {target}#{heading}"


def _headings(page: Path) -> set[str]:
    titles = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", _PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_no_page_holds_two_versions(page: Path) -> None:
    """A merge that was left undone shows by its marks."""
    assert not re.findall(r"^(?:<<<<<<<|>>>>>>>) ", page.read_text(encoding="utf-8"), re.MULTILINE)


def test_pages_are_listed() -> None:
    """Each page of the site is in its navigation and linked from its first page."""
    pages = {path.name for path in (ROOT / "docs").glob("*.md")}
    navigation = re.findall(r"- (\S+\.md)$", (ROOT / "mkdocs.yml").read_text(encoding="utf-8"), re.MULTILINE)
    first = (ROOT / "docs/index.md").read_text(encoding="utf-8")
    assert sorted(navigation) == sorted(pages)
    assert {target for target, _, _ in _LINK.findall(first)} >= pages - {"index.md"}
