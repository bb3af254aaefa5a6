"""The pages of the server in a real browser: they follow runs, fit a phone, and obey nothing of a log."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from chromium import PROGRAM, Page, chromium
from harbour_run import RUN
from hostile_log import hostile_event
from serving import serving, write

from transfer_prompting.storage.event import Event
from transfer_prompting.storage.log import EventLog

OTHER = "harbour-0002"
ATTACK = (
    "</script><script>document.title='broken'</script><img src=/x onerror=alert(1)>\"' autofocus onfocus=x() "
)
_LOOKS = 300
pytestmark = [
    pytest.mark.skipif(PROGRAM is None, reason="needs Debian's chromium: apt-get install chromium"),
    pytest.mark.asyncio(loop_scope="module"),
]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Page]:
    """Return one browser for all tests."""
    async with chromium() as opened:
        yield opened


async def shows(browser: Page, script: str, fits: Callable[[Any], bool]) -> Any:
    """Return the value of `script` in the page as soon as it fits."""
    for _ in range(_LOOKS):
        if fits(value := await browser.run(script)):
            return value
        await asyncio.sleep(0.1)
    pytest.fail(f"{script} stayed {value!r}")


async def test_every_page_loads_in_silence(browser: Page, two_runs: Path) -> None:
    """Each page loads only what is on the server, complains of nothing, and is no wider than a phone."""
    async with serving(two_runs) as address:
        for path in ("/", f"/runs/{RUN}", f"/compare?run={RUN}&run={OTHER}", "/experience", "/studies"):
            browser.requests.clear()
            browser.complaints.clear()
            await browser.open(address + path, width=390)
            await browser.run("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
            assert await browser.run("document.documentElement.scrollWidth") <= 390, path
            assert browser.complaints == [], path
            assert all(request.startswith(f"{address}/") for request in browser.requests)
            font = await browser.run("getComputedStyle(document.body).lineHeight")
            assert font != "normal", "the style sheet was not applied"


async def test_two_runs_under_way(browser: Page, events_of: dict[str, list[Event]], tmp_path: Path) -> None:
    """The page of a run follows it to its verdict, whatever another run in the same log does."""
    mine, others = events_of[RUN], events_of[OTHER]
    first = next(at for at, event in enumerate(mine) if event.kind == "race.finished")
    log = await EventLog.open(tmp_path / "log.db")
    try:
        await write(log, mine[:first])
        await write(log, others[:50])
        async with serving(tmp_path / "log.db") as address:
            await browser.open(f"{address}/runs/{RUN}")
            assert await browser.run("document.querySelector('h1').textContent") == "The run is not finished"
            done = "document.querySelector('#now p').textContent"
            before = await browser.run(done)
            await write(log, mine[first : first + 40])
            await write(log, others[50:60])
            await shows(browser, done, lambda value: value != before)
            # The race has ended, so the whole page is renewed: the curve was not there before.
            await shows(browser, "document.getElementById('learning') !== null", bool)
            await write(log, mine[first + 40 :])
            title = "document.querySelector('h1').textContent"
            await shows(browser, title, lambda value: "improvement" in value.lower())
            assert await browser.run("document.getElementById('now')") is None
            assert await browser.run("document.querySelector('main').dataset.events") is None
            assert browser.complaints == []
    finally:
        await log.close()


async def test_what_is_unfolded_stays_so(
    browser: Page, events_of: dict[str, list[Event]], tmp_path: Path
) -> None:
    """A renewed part of the page keeps what the reader has unfolded, and an unchanged one is not touched."""
    mine = events_of[RUN]
    races = [at for at, event in enumerate(mine) if event.kind == "race.finished"]
    log = await EventLog.open(tmp_path / "log.db")
    try:
        await write(log, mine[: races[1]])
        async with serving(tmp_path / "log.db") as address:
            await browser.open(f"{address}/runs/{RUN}")
            await browser.run("document.querySelector('#how details').open = true")
            await browser.run("document.querySelector('#learning details').open = true")
            await browser.run("window.kept = document.querySelector('#learning')")
            rows = "document.querySelectorAll('#learning tbody tr').length"
            before = await browser.run(rows)
            await write(log, mine[races[1] : races[2] + 1])
            await shows(browser, rows, lambda value: value > before)
            assert await browser.run("window.kept !== document.querySelector('#learning')")
            assert await browser.run("document.querySelector('#learning details').open")
            assert await browser.run("document.querySelector('#how details').open")
    finally:
        await log.close()


async def test_a_new_run_is_listed(browser: Page, events_of: dict[str, list[Event]], tmp_path: Path) -> None:
    """The list shows a run that begins while it is looked at, and keeps what was chosen."""
    log = await EventLog.open(tmp_path / "log.db")
    try:
        await write(log, events_of[RUN])
        async with serving(tmp_path / "log.db") as address:
            await browser.open(address)
            await browser.run("document.querySelector('input[name=run]').checked = true")
            await write(log, events_of[OTHER][:5])
            listed = "[...document.querySelectorAll('th a')].map((one) => one.textContent)"
            assert await shows(browser, listed, lambda value: len(value) == 2) == [OTHER, RUN]
            chosen = "[...document.querySelectorAll('input:checked')].map((one) => one.value)"
            assert await browser.run(chosen) == [RUN]
    finally:
        await log.close()


async def test_a_hostile_log_does_nothing(
    browser: Page, events_of: dict[str, list[Event]], tmp_path: Path
) -> None:
    """Texts of a log that try to run or load something are shown, while the run goes on and afterwards."""
    events = [hostile_event(event, ATTACK) for event in events_of[RUN]]
    assert sum(ATTACK.encode()[:9] in event.data for event in events) > len(events) / 2
    log = await EventLog.open(tmp_path / "log.db")
    try:
        await write(log, events[:-40])
        async with serving(tmp_path / "log.db") as address:
            browser.requests.clear()
            browser.complaints.clear()
            for path in ("", f"/runs/{RUN}", "/experience"):
                await browser.open(f"{address}{path}")
                assert await browser.run("document.title") != "broken"
                assert await browser.run("document.images.length") == 0
                assert await browser.run("document.scripts.length") == 2
            await browser.open(f"{address}/runs/{RUN}")
            await write(log, events[-40:])
            await shows(browser, "document.getElementById('now')", lambda value: value is None)
            assert await browser.run("document.title") != "broken"
            assert await browser.run("document.scripts.length") == 2
            assert browser.complaints == []
            assert not [one for one in browser.requests if one.endswith("/x")]
            assert "onerror=alert(1)" in await browser.run("document.querySelector('main').textContent")
    finally:
        await log.close()
