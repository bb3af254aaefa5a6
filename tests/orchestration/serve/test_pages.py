"""The pages of the server: complete, read-only, and for the browsers of this computer alone."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import quote

import pytest
import pytest_asyncio
from aiohttp import ClientSession
from fold_runs import use_model
from harbour_run import RUN
from log_stores import PostgresStore
from serving import serving, write
from studies_making import STUDY, write_study
from tiny_runs import ignore, tiny_config, write_task
from yarl import URL

from transfer_prompting.orchestration.lineage.copy_events import Copier
from transfer_prompting.orchestration.projections.history import read_history
from transfer_prompting.orchestration.report.contents import contents_of
from transfer_prompting.orchestration.runtime.lifecycle import start
from transfer_prompting.orchestration.serve.library import ServedStudy
from transfer_prompting.storage.event import Event
from transfer_prompting.storage.log import EventLog
from transfer_prompting.storage.place import Place
from transfer_prompting.storage.sqlite.reader import LogReader

OTHER = "harbour-0002"
READY = ("/", f"/runs/{RUN}", f"/compare?run={RUN}&run={OTHER}", "/experience", "/studies", "/files/live.js")
pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def session() -> AsyncIterator[ClientSession]:
    """Return one client for all tests."""
    async with ClientSession() as opened:
        yield opened


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def address(two_runs: Path) -> AsyncIterator[str]:
    """Return the address of a server of two runs."""
    async with serving(two_runs) as served:
        yield served


async def got(session: ClientSession, address: str | URL, **headers: str) -> tuple[int, str]:
    """Return the status and the text of a page."""
    async with session.get(address, headers=headers) as reply:
        return reply.status, await reply.text()


def files_in(folder: Path) -> dict[Path, bytes]:
    """Return the contents of the files in a folder."""
    return {path: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def write_damaged(place: Path, log: Path) -> None:
    """Write a copy of a log in which all but the first pages and the last is destroyed."""
    data = bytearray(log.read_bytes())
    data[8192:-4096] = b"\xff" * (len(data) - 12288)
    place.write_bytes(data)


def remove_log(place: Path) -> None:
    """Remove a log with all files beside it."""
    for path in place.parent.glob(f"{place.name}*"):
        path.unlink()


async def test_every_page_is_there(session: ClientSession, address: str) -> None:
    """Each page answers, forbids all that it does not need, and is kept by nobody."""
    for path in READY:
        async with session.get(address + path) as reply:
            assert reply.status == 200, path
            assert "default-src 'none'" in reply.headers["Content-Security-Policy"]
            assert "unsafe" not in reply.headers["Content-Security-Policy"].replace(
                "style-src-attr 'unsafe-inline'", ""
            )
            assert reply.headers["Cache-Control"] == "no-store"
            assert reply.headers["Cross-Origin-Resource-Policy"] == "same-origin"


async def test_a_page_has_what_the_report_has(session: ClientSession, address: str, two_runs: Path) -> None:
    """The page of a finished run shows the contents of its report, and has no script in it."""
    with LogReader(two_runs) as reader:
        contents = contents_of(read_history(reader, RUN), reader)
    _, html = await got(session, f"{address}/runs/{RUN}")
    assert contents.headline in html
    assert contents.hash in html
    assert all(member.life.id in html for member in contents.family)
    assert re.findall(r"<script[^>]*>", html) == [
        '<script src="/files/script.js">',
        '<script src="/files/live.js">',
    ]
    assert "<style" not in html
    assert "data-events" not in html


async def test_the_list_names_every_run(session: ClientSession, address: str) -> None:
    """The newest run stands first, and each leads to its page."""
    _, html = await got(session, address)
    assert re.findall(r'href="/runs/([^"]*)"', html) == [OTHER, RUN]


async def test_two_runs_side_by_side(session: ClientSession, address: str) -> None:
    """A comparison needs two runs; with them it shows the settings that differ."""
    _, html = await got(session, f"{address}/compare?run={RUN}&run={OTHER}")
    assert "search.history" in html
    for one in ("", f"?run={RUN}", f"?run={RUN}&run={RUN}"):
        status, html = await got(session, f"{address}/compare{one}")
        assert (status, "two to 8 runs" in html) == (400, True)


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8017", "127.0.0.1.evil.example", "[::1]:1", ""]
)
async def test_another_name_is_refused(session: ClientSession, address: str, host: str) -> None:
    """A name of somebody's own that leads to this computer gets nothing (DNS rebinding)."""
    status, text = await got(session, address, Host=host)
    assert status == 403
    assert RUN not in text


async def test_localhost_is_this_computer(session: ClientSession, address: str) -> None:
    """The two names of this computer are accepted, with the port and without it."""
    port = address.rpartition(":")[2]
    for host in ("localhost", f"localhost:{port}", "127.0.0.1", f"127.0.0.1:{port}"):
        assert (await got(session, address, Host=host))[0] == 200


async def test_another_site_reads_nothing(session: ClientSession, address: str) -> None:
    """Another site can lead the user to a page, and can neither embed nor fetch it."""
    for site in ("cross-site", "same-site"):
        fetched = {"Sec-Fetch-Site": site, "Sec-Fetch-Mode": "no-cors"}
        assert (await got(session, address, **fetched))[0] == 403
        led = {"Sec-Fetch-Site": site, "Sec-Fetch-Mode": "navigate"}
        assert (await got(session, address, **led))[0] == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
async def test_nothing_is_written(session: ClientSession, address: str, method: str) -> None:
    """A request that would change something is refused."""
    async with session.request(method, f"{address}/runs/{RUN}") as reply:
        assert reply.status == 405


@pytest.mark.parametrize(
    "path",
    [
        "/files/page.py",
        "/files/..%2fpage.py",
        "/files/%2e%2e/page.py",
        "/files/report.html.jinja",
        "/runs/..%2f..%2fetc%2fpasswd",
        "/runs/nothing",
        f"/runs/{RUN}/../../x",
        "/studies/..%2fx",
        "/nothing",
    ],
)
async def test_other_paths_lead_nowhere(session: ClientSession, address: str, path: str) -> None:
    """Only the listed addresses exist; a name in one is looked up and never opened."""
    status, html = await got(session, URL(address + path, encoded=True))
    assert status == 404
    assert "<h1>Not" in html


async def test_reading_leaves_no_trace(session: ClientSession, two_runs: Path) -> None:
    """Serving creates no file and changes none."""
    before = files_in(two_runs.parent)
    async with serving(two_runs) as served:
        for path in READY:
            await got(session, served + path)
    assert files_in(two_runs.parent) == before


async def test_a_log_that_is_not_there_yet(session: ClientSession, tmp_path: Path) -> None:
    """A server may begin before the first run: the list is empty until the log is there."""
    place = tmp_path / "log.db"
    async with serving(place) as served:
        status, html = await got(session, served)
        assert (status, "There is no run yet" in html) == (200, True)
        assert (await got(session, f"{served}/experience"))[0] == 404
    assert files_in(tmp_path) == {}


async def test_a_file_that_is_no_log(session: ClientSession, tmp_path: Path) -> None:
    """A foreign file is named in the error of every page, and the server goes on."""
    place = tmp_path / "notes.txt"
    place.write_text("not a log" * 1000)
    async with serving(place) as served:
        for path in ("/", "/runs/x", "/experience", "/compare?run=a&run=b"):
            status, html = await got(session, served + path)
            assert (status, "notes.txt" in html) == (500, True), path


async def test_a_damaged_log(session: ClientSession, tmp_path: Path, two_runs: Path) -> None:
    """Of a log with destroyed pages the list says so, and the server goes on."""
    place = tmp_path / "log.db"
    write_damaged(place, two_runs)
    async with serving(place) as served:
        for path in ("/", f"/runs/{RUN}"):
            status, html = await got(session, served + path)
            assert (status, "<main" in html) == (500, True)
        assert (await got(session, f"{served}/files/style.css"))[0] == 200


async def test_a_study(session: ClientSession, two_runs: Path, tmp_path: Path) -> None:
    """A study is listed by its name and shown with its runs; without runs it says so."""
    file = write_study(tmp_path)
    async with serving(two_runs, [file]) as served:
        _, html = await got(session, f"{served}/studies")
        [link] = re.findall(r'href="(/studies/[^"]*)"', html)
        status, html = await got(session, served + link)
        assert status == 200
        assert "0 of" in html
        assert 'data-poll="' in html


async def test_a_run_of_a_study_under_way(
    session: ClientSession, events_of: dict[str, list[Event]], two_runs: Path, tmp_path: Path
) -> None:
    """A run of a study that has a file of its own is found there, and no other file is looked for."""
    study = ServedStudy.read(write_study(tmp_path, text=f'log = "{tmp_path / "small.db"}"\n{STUDY}'))
    run = study.plan.runs[0].run
    place = tmp_path / "small.db.cells" / f"{run}.db"
    place.parent.mkdir()
    log = await EventLog.open(place)
    copied = Copier(run).copy(events_of[RUN][:60])
    await log.append([draft for _, draft in copied])
    await log.close()
    async with serving(two_runs, [study.plan.path]) as served:
        status, html = await got(session, f"{served}/runs/{run}")
        assert (status, f"/runs/{run}/events?after=60" in html) == (200, True)
        outside = quote(f"../small.db.cells/{run}", safe="")
        assert (await got(session, f"{served}/runs/{outside}"))[0] == 404


async def test_a_run_with_several_targets(
    session: ClientSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its page leads to one for each target, and each of these tells of that target alone."""
    use_model(monkeypatch)
    one = tiny_config(tmp_path)
    write_task(tmp_path, "third")
    targets = {**one.only_target.model_dump(exclude={"task"}), "tasks": ("second", "third")}
    config = one.changed({"target": None, "targets": targets})
    run, _ = await start(config, tmp_path, tmp_path / "log.db", ignore)
    async with serving(tmp_path / "log.db") as served:
        _, html = await got(session, f"{served}/runs/{run}")
        links = re.findall(rf'href="(/runs/{run}[^"]*)"', html)
        assert [link.partition("=")[2] for link in links] == ["second", "third"]
        for link in links:
            status, html = await got(session, served + link)
            assert (status, "data-events" in html) == (200, False)
            assert '<h2 id="how-title">' in html
        assert (await got(session, f"{served}/runs/{run}?target=fourth"))[0] == 400


async def test_a_log_that_was_replaced(
    session: ClientSession, events_of: dict[str, list[Event]], tmp_path: Path
) -> None:
    """If another file takes the place of the log, its pages tell of that file and of nothing before."""
    place = tmp_path / "log.db"
    first = next(at for at, event in enumerate(events_of[RUN]) if event.kind == "race.finished")
    async with serving(place) as served:
        for count in (len(events_of[RUN]), first):
            log = await EventLog.open(place)
            await write(log, events_of[RUN][:count])
            await log.close()
            _, html = await got(session, f"{served}/runs/{RUN}")
            assert ("data-events" in html) is (count == first)
            assert f"seq {count}<" in html
            remove_log(place)


async def test_postgres(
    session: ClientSession, postgres_store: PostgresStore, events_of: dict[str, list[Event]]
) -> None:
    """A log in PostgreSQL is served as a file is, and a run in it is followed."""
    place: Place = postgres_store.place
    *most, last = events_of[RUN]
    log = await EventLog.open(place)
    try:
        await write(log, most)
        async with serving(place) as served:
            _, html = await got(session, f"{served}/runs/{RUN}")
            [news] = re.findall(r'data-events="([^"]*)"', html)
            async with session.get(served + news.replace("&amp;", "&")) as stream:
                await write(log, [last])
                assert (await stream.content.readline()).startswith(b"event: ")
            _, html = await got(session, f"{served}/runs/{RUN}")
            assert "data-events" not in html
    finally:
        await log.close()
