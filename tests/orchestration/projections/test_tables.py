"""The tables beside the log are a pure fold of it, however the log is cut."""

import asyncio
import json
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from program_calls import Tp
from projected_story import CAREFUL, PLAIN, SHORT, STORY, Script, open_stage, write

from transfer_prompting.agents.messages import PromptJudged
from transfer_prompting.agents.messages.scores import Measure
from transfer_prompting.orchestration.lineage import redact as redact_module
from transfer_prompting.orchestration.lineage.redact import redact
from transfer_prompting.orchestration.projections.tables import catch_up as catch_up_module
from transfer_prompting.orchestration.projections.tables.catch_up import catch_up, open_views, views_path
from transfer_prompting.storage.errors import LogUnreadable
from transfer_prompting.storage.event import Event
from transfer_prompting.storage.row_buffer import Row
from transfer_prompting.storage.sqlite.reader import LogReader
from transfer_prompting.storage.views import Views

RUN = STORY[0].run


@contextmanager
def views(log: Path) -> Iterator[Views]:
    """The views of a log, closed behind the test."""
    opened = open_views(log)
    try:
        yield opened
    finally:
        opened.close()


def tables_of(events: list[Event]) -> dict[str, list[Row]]:
    """Return the tables of a log of these events, filled in one go."""
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log.db"
        asyncio.run(write(log, events))
        with views(log) as fresh, LogReader(log) as reader:
            catch_up(fresh, reader, RUN)
            return fresh.dump(RUN)


@settings(deadline=None, database=None, max_examples=15)
@given(st.lists(st.integers(1, len(STORY)), min_size=1, max_size=4).map(sorted), st.booleans())
def test_any_chunks(cuts: list[int], reopen: bool) -> None:
    """A log that is projected piece by piece, also in several sessions, gives the tables of the whole log."""
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log.db"
        for end in cuts:
            asyncio.run(write(log, STORY[:end]))
            with views(log) as some, LogReader(log) as reader:
                catch_up(some, reader, RUN)
                if not reopen:
                    # Events that are in the tables do not count twice.
                    catch_up(some, reader, RUN)
        with views(log) as some:
            found = some.dump(RUN)
        # Times of commit differ from log to log.
        assert _timeless(found) == _timeless(tables_of(STORY[: max([0, *cuts])]))


def _timeless(tables: dict[str, list[Row]]) -> dict[str, list[Row]]:
    times = dict.fromkeys(("first_at", "last_at", "seconds"))
    return {name: [row | times if name == "run" else row for row in rows] for name, rows in tables.items()}


def test_what_the_tables_say() -> None:
    """They hold the verdict, every prompt and score, each call with its outcome, and what each role cost."""
    tables = tables_of(STORY)
    (run,) = tables["run"]
    assert (run["status"], run["improved"], run["events"]) == ("finished", True, len(STORY))
    assert [row["text"] for row in tables["candidate"] if row["id"] == run["best"]]
    scored = sorted((row["stage"], row["purpose"], row["examples"]) for row in tables["score"])
    source = [("source", "search", n) for n in (2, 4, 4)]
    assert scored == source + [("target", purpose, 4) for purpose in ("final", "search") for _ in range(2)]
    assert {row["state"] for row in tables["call"]} == {"finished", "failed"}
    (cost,) = tables["cost"]
    assert cost["calls"] == len(tables["call"]) == cost["finished"] + 1
    assert cost["prompt_tokens"] == sum(row["prompt_tokens"] for row in tables["call"])
    assert (cost["failed"], cost["reused"]) == (2, 1)


def test_measures_and_judgements() -> None:
    """Each measure has a row with its interval and its number of examples, each judged dimension one too."""
    script = Script()
    open_stage(script, "source", ("near",), PLAIN)
    script.score(script.request(PLAIN, n=3), 0.5, {"accuracy": 0.5, "auroc": None})
    verdict = PromptJudged(
        stage="source",
        step=0,
        candidate=PLAIN.id,
        measures={"clarity": Measure(value=0.75, n=2, low=0.5, high=1.0), "safety": Measure(value=None, n=0)},
        noise={"clarity": 0.1, "safety": None},
        unreadable=4,
        prompt_tokens=1,
        completion_tokens=1,
    )
    seq = script.say("judge/main", verdict).seq
    tables = tables_of(script.events)
    assert [(row["measure"], row["value"], row["n"]) for row in tables["measure"]] == [
        ("accuracy", 0.5, 3),
        ("auroc", None, 3),
        ("metric", 0.5, 3),
    ]
    columns = ("dimension", "value", "low", "high", "n", "noise", "seq")
    assert [[row[name] for name in columns] for row in tables["judgement"]] == [
        ["clarity", 0.75, 0.5, 1.0, 2, 0.1, seq],
        ["safety", None, None, None, 0, None, seq],
    ]


def test_a_score_is_of_all_blocks() -> None:
    """Of a prompt that is scored block by block the tables hold the latest score, over all its examples."""
    script = Script()
    open_stage(script, "source", ("near",), PLAIN)
    script.score(script.request(PLAIN, n=3), 0.5)
    latest = script.score(script.request(PLAIN, n=2, start=3), 0.8, before=3)
    tables = tables_of(script.events)
    [score] = tables["score"]
    assert (score["composite"], score["examples"], score["seq"]) == (0.8, 5, latest.seq)
    [candidate] = tables["candidate"]
    assert (candidate["examples"], candidate["stopped"]) == (5, False)


def test_candidates_over_all_stages() -> None:
    """A candidate has the examples of all its stages, held-out ones aside, and whether it was stopped."""
    rows = {row["id"]: (row["examples"], row["stopped"]) for row in tables_of(STORY)["candidate"]}
    assert rows == {PLAIN.id: (8, False), CAREFUL.id: (8, False), SHORT.id: (2, True)}


async def test_catching_up(tmp_path: Path) -> None:
    """Only what is new is read, and a rebuild gives the same tables."""
    log = tmp_path / "log.db"
    await write(log, STORY[:30])
    with views(log) as some, LogReader(log) as reader:
        assert catch_up(some, reader, RUN) == 30
        await write(log, STORY)
        reader.refresh()
        assert catch_up(some, reader, RUN) == len(STORY) - 30
        assert catch_up(some, reader, RUN) == 0
        tables = some.dump(RUN)
        assert catch_up(some, reader, RUN, rebuild=True) == len(STORY)
        assert some.dump(RUN) == tables


async def test_another_log_in_its_place(tmp_path: Path) -> None:
    """Where the log was replaced, the tables are made anew instead of being mixed."""
    log = tmp_path / "log.db"
    with views(log) as some:
        some.feed(STORY[:40])  # their hashes are not those of the log that comes
    await write(log, STORY)
    with views(log) as some, LogReader(log) as reader:
        assert catch_up(some, reader, RUN) == len(STORY)
        assert some.dump(RUN)["run"][0]["events"] == len(STORY)


async def test_a_redacted_prompt_leaves_the_tables(tmp_path: Path) -> None:
    """What was blanked in the log is gone from the tables after the next projection."""
    log = tmp_path / "log.db"
    await write(log, STORY)
    made = next(event for event in STORY if event.kind == "proposals.made")
    text = "Think of what could\nbe wrong"
    with views(log) as some:
        with LogReader(log) as reader:
            catch_up(some, reader, RUN)
        assert any(row["text"].startswith(text) for row in some.dump(RUN)["candidate"])
        for event in STORY:
            if event.id == made.id or b"Think of what" in event.data:
                await redact(log, RUN, event.seq, "private")
        with LogReader(log) as reader:
            catch_up(some, reader, RUN)
        assert not any(row["text"].startswith(text) for row in some.dump(RUN)["candidate"])


PRIVATE = b"Think of what could"


def _private(events: list[Event]) -> list[int]:
    return [event.seq for event in events if PRIVATE in event.data]


def test_nothing_stays_in_the_file(tp: Tp, tmp_path: Path) -> None:
    """After `redact`, a plain `project` leaves no byte of the payloads in the file of the tables."""
    log = tmp_path / "log.db"
    asyncio.run(write(log, STORY))
    assert tp("project", "last", "--log", log).status == 0
    assert PRIVATE in views_path(log).read_bytes()
    for seq in _private(STORY):
        assert tp("redact", "last", seq, "--reason", "private", "--log", log).status == 0
    assert tp("project", "last", "--log", log).status == 0
    assert PRIVATE not in views_path(log).read_bytes()


async def test_recorded_and_not_yet_blanked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between the record of a redaction and the blanking, the payload is left out of the tables already."""
    log = tmp_path / "log.db"
    await write(log, STORY)
    with monkeypatch.context() as patched:
        patched.setattr(redact_module, "blank", lambda *_: None)
        for seq in _private(STORY):
            await redact(log, RUN, seq, "private")
    with views(log) as some, LogReader(log) as reader:
        catch_up(some, reader, RUN)
        tables = some.dump(RUN)
    assert PRIVATE not in views_path(log).read_bytes()
    for seq in _private(STORY):
        await redact(log, RUN, seq, "private")
    with views(log) as some, LogReader(log) as reader:
        assert catch_up(some, reader, RUN) == 0
        assert some.dump(RUN) == tables


async def test_redacted_while_projecting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A record that comes while the log is read ends the projection before it; the next begins anew."""
    log = tmp_path / "log.db"
    await write(log, STORY)
    with monkeypatch.context() as patched:
        patched.setattr(redact_module, "blank", lambda *_: None)
        for seq in _private(STORY):
            await redact(log, RUN, seq, "private")
    with views(log) as some, LogReader(log) as reader:
        with monkeypatch.context() as patched:
            patched.setattr(catch_up_module, "_records", lambda *_: {})  # as before the record was there
            assert catch_up(some, reader, RUN) == len(STORY)
        assert catch_up(some, reader, RUN) == len(STORY) + len(_private(STORY))
    assert PRIVATE not in views_path(log).read_bytes()


@pytest.mark.parametrize(
    ("log", "path"),
    [
        (Path("a/log.db"), "a/log.db.views.db"),
        ("postgresql://me:secret@host:5433/base?schema=x", "host-5433-base-x.views.db"),
        (Path("postgresql://me@host/base"), "host-base.views.db"),
        ("postgresql://me@/base?host=/run/pg&password=secret", "run-pg-base.views.db"),
        (":memory:mine", "memory-mine.views.db"),
    ],
)
def test_where_the_tables_lie(log: Path | str, path: str) -> None:
    """Beside a file; for a database in this folder, under a name without user and password."""
    assert views_path(log) == Path(path)


async def test_notes_take_no_time(tmp_path: Path) -> None:
    """The last moment in the table of runs is that of the run's own last event."""
    log = tmp_path / "log.db"
    await write(log, STORY)
    with LogReader(log) as reader:
        last = list(reader.read(RUN))[-1].at
    await redact(log, RUN, 5, "private")
    with views(log) as some, LogReader(log) as reader:
        catch_up(some, reader, RUN)
        (run,) = some.dump(RUN)["run"]
    assert (run["last_at"], run["events"]) == (last, len(STORY) + 1)


def test_failure_leaves_the_last_chunk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fold that fails changes nothing of what was committed before."""
    with views(tmp_path / "log.db") as some:
        some.feed(STORY[:20])
        before = (some.dump(RUN), some.position(RUN))

        def broken(*_: object) -> None:
            raise RuntimeError("broken")

        monkeypatch.setattr(some, "_fold", broken)
        with pytest.raises(RuntimeError, match="broken"):
            some.feed(STORY[20:])
        assert (some.dump(RUN), some.position(RUN)) == before


def test_a_later_shape_is_made_anew(tmp_path: Path) -> None:
    """Tables of another version of this program are dropped: the log has everything."""
    with views(tmp_path / "log.db") as some:
        some.feed(STORY)
    db = sqlite3.connect(views_path(tmp_path / "log.db"))
    db.execute("PRAGMA user_version = 77")
    db.close()
    with views(tmp_path / "log.db") as some:
        assert some.position(RUN) == (0, b"")
        assert not any(some.dump(RUN).values())


def test_a_strange_file_is_left_alone(tmp_path: Path) -> None:
    """A file of that name that is something else is refused, not overwritten."""
    path = views_path(tmp_path / "log.db")
    path.write_text("my notes " * 500)
    with pytest.raises(LogUnreadable, match="not a file of read models"):
        open_views(tmp_path / "log.db")
    path.unlink()
    db = sqlite3.connect(path)
    db.execute("CREATE TABLE mine (x)")
    db.close()
    with pytest.raises(LogUnreadable, match="not one of read models"):
        open_views(tmp_path / "log.db")


async def test_command(tp: Tp, tmp_path: Path) -> None:
    """`tp project` fills the tables; --json prints them; the log itself is not changed."""
    log = tmp_path / "log.db"
    await write(log, STORY)
    before = log.read_bytes()
    told = tp("project", "last", "--log", log)
    assert told.status == 0, told.err
    assert f"{len(STORY)} new events" in told.out
    printed = json.loads(tp("project", "last", "--rebuild", "--json", "--log", log).out)
    tables = printed["tables"]
    assert set(tables) == {
        "run",
        "candidate",
        "score",
        "measure",
        "judgement",
        "call",
        "execution",
        "cost",
    }
    assert tables["run"][0]["status"] == "finished"
    assert log.read_bytes() == before
