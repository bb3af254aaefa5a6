"""Tests of the report in a real browser: loading, the filter, the copy button, phone size, accessibility."""

from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from chromium import PROGRAM, Page, chromium
from hostile import ATTACK, hostile

from transfer_prompting.orchestration.report.contents import Contents
from transfer_prompting.orchestration.report.page import page

pytestmark = [
    pytest.mark.skipif(PROGRAM is None, reason="needs Debian's chromium: apt-get install chromium"),
    pytest.mark.asyncio(loop_scope="module"),
]


@pytest.fixture(scope="module")
def report(contents: Contents, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the address of the report."""
    place = tmp_path_factory.mktemp("report") / "run.html"
    place.write_text(page(contents), encoding="utf-8")
    return place.as_uri()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Page]:
    """Return one browser for all tests."""
    async with chromium() as opened:
        yield opened


async def test_it_loads_in_silence(browser: Page, report: str) -> None:
    """In light and in dark mode the page requests only itself and logs nothing to the console."""
    for dark in (False, True):
        browser.requests.clear()
        await browser.open(report, dark=dark)
        assert browser.requests == [report]
        assert browser.complaints == []


async def test_light_and_dark(browser: Page, report: str) -> None:
    """The background follows the reader's mode, and text and curves have enough contrast against it."""
    grounds = []
    for dark in (False, True):
        await browser.open(report, dark=dark)
        ground, ink, curve = await browser.run(
            "[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color,"
            " getComputedStyle(document.querySelector('.plot path[style*=\"var(--second)\"]')).stroke]"
        )
        assert _contrast(ground, ink) >= 7
        assert _contrast(ground, curve) >= 3
        grounds.append(ground)
    assert grounds[0] != grounds[1]


async def test_the_filter(browser: Page, report: str, contents: Contents) -> None:
    """The filter shows the examples of a change or those containing the words, and their number."""
    await browser.open(report)
    counts = Counter(pair.change for pair in contents.pairs)
    for change in ("gained", "lost", "both right", "both wrong", ""):
        shown = await _filtered(browser, change, "")
        assert len(shown) == (counts[change] if change else len(contents.pairs))  # type: ignore[index]
        assert (
            await browser.run("document.querySelector('.filters output').textContent")
            == f"{len(shown)} shown"
        )
    wanted = next(pair for pair in contents.pairs if pair.change == "gained")
    assert await _filtered(browser, "gained", wanted.example.upper()) == [wanted.example]
    assert await _filtered(browser, "lost", wanted.example) == []


async def test_the_copy_button(browser: Page, report: str, contents: Contents) -> None:
    """The button copies the exact prompt to the clipboard."""
    await browser.open(report)
    await browser.call("Browser.grantPermissions", permissions=["clipboardReadWrite"])
    await browser.run("document.querySelector('[data-copies]').click()")
    assert contents.winner is not None
    assert await browser.run("navigator.clipboard.readText()") == contents.winner.text
    assert await browser.run("document.querySelector('[data-copies]').textContent") == "Copied"


async def test_the_request_is_copied(browser: Page, report: str, contents: Contents) -> None:
    """The whole request is copied as it stands in the log's form, although it is folded at first."""
    await browser.open(report)
    await browser.call("Browser.grantPermissions", permissions=["clipboardReadWrite"])
    await browser.run("document.querySelector('[data-copies=body]').click()")
    assert contents.request is not None
    assert await browser.run("navigator.clipboard.readText()") == contents.request.body


async def test_a_cell_tells_its_example(browser: Page, report: str, contents: Contents) -> None:
    """Pointing at a cell of the grid names the prompt, the example and how it was answered."""
    await browser.open(report)
    assert contents.grid is not None
    row, example = contents.grid.rows[0], contents.grid.examples[0]
    x, y = await browser.run(
        "(() => { const one = document.querySelector('.grid svg'); one.scrollIntoView();"
        " const { left, top } = one.getBoundingClientRect(); return [left + 2, top + 2]; })()"
    )
    await browser.call("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)
    told = await browser.run("document.querySelector('#grid output').textContent")
    answer = {1.0: "right", 0.0: "wrong", None: "not asked"}[row.values[0]]
    assert told.startswith(f"{row.prompt}, {example.example}: {answer}. {example.question}"[:200])


async def test_a_prompt_of_the_grid_leads_to_its_history(browser: Page, report: str) -> None:
    """The name of a prompt beside its row is a link to the prompt in the family tree."""
    await browser.open(report)
    broken = await browser.run(
        "[...document.querySelectorAll('.grid a')].map((one) => one.hash.slice(1))"
        ".filter((id) => document.getElementById(id) === null)"
    )
    assert broken == []


@pytest.mark.parametrize("width", [390, 820, 1400])
async def test_no_sideways_scrolling(browser: Page, report: str, width: int) -> None:
    """On a phone, a tablet and a desktop the page is no wider than the window, with everything opened."""
    await browser.open(report, width=width)
    await browser.run("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    assert await browser.run("document.documentElement.scrollWidth") <= width


async def test_everything_has_a_name(browser: Page, report: str, contents: Contents) -> None:
    """Every control, plot and region has an accessible name for screen readers."""
    await browser.open(report)
    nodes = (await browser.call("Accessibility.getFullAXTree"))["nodes"]
    wanted = {"image", "button", "link", "combobox", "searchbox", "region", "table", "navigation"}
    found = [node for node in nodes if node.get("role", {}).get("value") in wanted and not node["ignored"]]
    roles = Counter(node["role"]["value"] for node in found)
    assert contents.grid is not None
    assert roles["image"] == 4 + len(contents.grid.rows)
    assert roles["searchbox"] == roles["combobox"] == 1
    nameless = [n["role"]["value"] for n in found if not n.get("name", {}).get("value")]
    assert [role for role in nameless if role != "table"] == []


async def test_hostile_texts_do_nothing(browser: Page, contents: Contents, tmp_path: Path) -> None:
    """Texts that try to run or load something are shown and do neither."""
    place = tmp_path / "hostile.html"
    place.write_text(page(hostile(contents)), encoding="utf-8")
    browser.requests.clear()
    browser.complaints.clear()
    await browser.open(place.as_uri())
    assert browser.requests == [place.as_uri()]
    assert browser.complaints == []
    assert await browser.run("document.title") != "broken"
    assert await browser.run("document.getElementById('winner').textContent") == ATTACK


async def _filtered(browser: Page, change: str, words: str) -> list[str]:
    """Fill in the form and return the ids of the examples that it shows."""
    await browser.run(
        "(([change, words]) => { const form = document.querySelector('.filters');"
        " form.elements.change.value = change; form.elements.words.value = words;"
        " form.elements.words.dispatchEvent(new Event('input', {bubbles: true})); })"
        f"({[change, words]!r})"
    )
    shown = await browser.run(
        "[...document.querySelectorAll('#pairs tbody tr')].filter((row) => row.offsetParent !== null)"
        ".map((row) => row.cells[0].textContent)"
    )
    return list(shown)


def _contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours in CSS notation (WCAG 2.2)."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(part) / 255 for part in colour[colour.index("(") + 1 : -1].split(",")[:3]]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
