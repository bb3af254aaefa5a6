"""The links between pages have targets."""

import re
from pathlib import Path

import pytest
from blocks import PAGES, ROOT

_LINK = re.compile(r"(?<!!)\[[^\]]*\]\((?!https?:|mailto:)([^)#\s]*)(?:#([^)]*))?\)|!\[[^\]]*\]\(([^)\s]+)\)")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_to_files_and_headings(page: Path) -> None:
    """A relative link of a page names a file that exists, and a heading of that file."""
    for target, heading, image in _LINK.findall(page.read_text(encoding="utf-8")):
        path = (page.parent / (target or image)) if target or image else page
        assert path.exists(), f"{page.name}: {target or image}"
        if heading:
            assert heading in _headings(path), f"{page.name}: {target}#{heading}"


def _headings(page: Path) -> set[str]:
    titles = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}
