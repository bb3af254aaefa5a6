"""Behaviour that only a log in PostgreSQL has."""

import asyncio
import subprocess
import sys
from contextlib import aclosing
from pathlib import Path

import pytest
from async_generators import closable
from log_stores import SERVER, PostgresStore, SqliteStore, backend, draft

from transfer_prompting.storage.errors import LogUnreadable, StorageError
from transfer_prompting.storage.log import EventLog
from transfer_prompting.storage.opening import open_reader


def test_truncate_is_refused(server: PostgresStore) -> None:
    """The triggers refuse TRUNCATE."""
    server.write(draft(1))
    with pytest.raises(Exception, match="the event log is append-only"):
        server.execute("TRUNCATE event")
    assert len(server.events()) == 1


def test_schemas_are_logs_of_their_own(server: PostgresStore) -> None:
    """Every object of the log is in the schema that the URL names."""
    server.write(draft(1))
    found = server.execute(
        "SELECT table_name FROM information_schema.tables WHERE table_schema = ?", server.schema
    )
    assert sorted(found) == [("event",), ("event_head",)]


@pytest.mark.parametrize(
    ("place", "url"),
    [
        ("postgresql:///base?schema=x", "postgresql:///base?"),
        ("postgresql:///base?host=/run/pg", "postgresql:///base?host=%2Frun%2Fpg&"),
        ("postgresql://me@host:5433/base", "postgresql://me@host:5433/base?"),
    ],
)
def test_a_url_may_name_no_host(place: str, url: str) -> None:
    """A URL without a host keeps the slashes that tell libpq so, and means the local socket."""
    from transfer_prompting.storage.postgres.place import split_place

    assert split_place(place)[0].startswith(url)


def test_an_append_is_three_exchanges(server: PostgresStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beginning, writing and committing an append of several events wait for the server once each."""
    import psycopg

    execute = psycopg.Connection.execute
    said: list[str] = []

    def noted(self: object, query: bytes, *rest: object) -> object:
        said.append(bytes(query).decode().split(maxsplit=1)[0].rstrip(";"))
        return execute(self, query, *rest)  # type: ignore[call-overload]

    with server.writing() as log:
        log.submit([draft(1)]).result()
        monkeypatch.setattr(psycopg.Connection, "execute", noted)
        log.submit([draft(2), draft(3)]).result()
        monkeypatch.undo()
    assert said == ["BEGIN", "WITH", "COMMIT"]


def test_numbers_come_from_no_sequence(server: PostgresStore) -> None:
    """The table uses no sequence, which would leave gaps after rolled-back appends."""
    server.write(draft(1))
    assert not server.execute("SELECT 1 FROM pg_sequences WHERE schemaname = ?", server.schema)


@pytest.mark.parametrize("comment", [None, "'of another program'", "'transfer-prompting log, format 2'"])
def test_strange_table(server: PostgresStore, comment: str | None) -> None:
    """A table that is not a log, or has a later format, is neither read nor written."""
    server.execute(f"CREATE SCHEMA {server.schema}")
    server.execute("CREATE TABLE event (seq int)")
    if comment:
        server.execute(f"COMMENT ON TABLE event IS {comment}")
    with pytest.raises(LogUnreadable, match="has a table `event`"):
        open_reader(server.place)
    with pytest.raises(LogUnreadable, match="has a table `event`"), server.writing():
        pass


@pytest.mark.parametrize("schema", ["", "a b", 'x"; DROP TABLE y; --', "Upper"])
def test_schema_is_a_plain_name(server: PostgresStore, schema: str) -> None:
    """A schema that is not a plain name is refused before any connection is made."""
    place = str(server.place).replace(server.schema, schema)
    with pytest.raises(LogUnreadable, match="not a plain name"):
        open_reader(place)


def test_no_server() -> None:
    """Reading from an unreachable server raises an error that names the place without its password."""
    pytest.importorskip("psycopg")
    with pytest.raises(LogUnreadable, match="Is the server up") as caught:
        open_reader("postgresql://me:secret@127.0.0.1:1/x")
    assert "me:***@127.0.0.1" in str(caught.value)
    assert "secret" not in str(caught.value)


async def test_no_server_for_a_writer() -> None:
    """Writing to an unreachable server raises the same error."""
    pytest.importorskip("psycopg")
    with pytest.raises(LogUnreadable, match="cannot be opened") as caught:
        await EventLog.open("postgresql://me:secret@127.0.0.1:1/x")
    assert "secret" not in str(caught.value)


async def test_followers_are_woken(server: PostgresStore) -> None:
    """A commit wakes a follower that polls only once an hour."""
    log = await EventLog.open(server.place)
    await log.append([draft(1)])
    with open_reader(server.place) as reader:
        async with aclosing(closable(reader.follow("run-a", poll=3600))) as followed, asyncio.timeout(30):
            assert (await anext(followed)).seq == 1
            waiting = asyncio.ensure_future(anext(followed))
            await asyncio.sleep(0)
            await log.append([draft(2)])
            assert (await waiting).seq == 2
    await log.close()


async def test_polling_is_enough(server: PostgresStore) -> None:
    """A follower finds an event committed without a notification."""
    server.write(draft(1))
    with open_reader(server.place) as reader:
        async with aclosing(closable(reader.follow("run-a", poll=0))) as followed, asyncio.timeout(30):
            assert (await anext(followed)).seq == 1
            waiting = asyncio.ensure_future(anext(followed))
            await asyncio.sleep(0)
            server.execute(
                "INSERT INTO event SELECT 2, run, 2, 'silent', kind, schema, sender, recipients, cause, at,"
                " data, hash FROM event"
            )
            assert (await waiting).id == "silent"


def test_reader_cannot_write(server: PostgresStore) -> None:
    """The reader's own connection is read-only."""
    server.write(draft(1))
    with open_reader(server.place) as reader, pytest.raises(LogUnreadable, match="read-only transaction"):
        reader._fetch("CREATE TABLE other (x int)")


def test_lost_connection(server: PostgresStore) -> None:
    """An append whose connection was cut fails with a clear error, and the next one reconnects."""
    with server.writing() as log:
        log.submit([draft(1)]).result()
        server.execute("SELECT pg_terminate_backend(?, 5000)", backend(log))
        refused = log.submit([draft(2)]).exception()
        assert isinstance(refused, StorageError)
        assert log.submit([draft(2)]).result()[0].seq == 2
    assert server.verify() == 2


LIGHT = """
import sys
from transfer_prompting.storage.opening import open_reader
with open_reader(sys.argv[1]) as reader:
    reader.runs()
print(*(name for name in ("sqlalchemy", "sqlmodel", "pydantic", "psycopg") if name in sys.modules))
"""


def loaded(place: object) -> str:
    """Return the heavy libraries that a reading command has imported."""
    return subprocess.run(
        [sys.executable, "-c", LIGHT, str(place)], capture_output=True, text=True, check=True
    ).stdout.strip()


def test_readers_are_light(server: PostgresStore, tmp_path: Path) -> None:
    """Reading a file loads no database library, and reading PostgreSQL only its driver."""
    server.write(draft(1))
    assert loaded(server.place) == "psycopg"
    SqliteStore(tmp_path / "log.db", "").write(draft(1))
    assert loaded(tmp_path / "log.db") == ""


def test_a_path_made_of_a_url_is_that_url(server: PostgresStore) -> None:
    """A URL that was read as a path opens the same log."""
    server.write(draft(1))
    with open_reader(Path(server.place)) as reader:
        assert reader.place == server.place
        assert reader.verify("run-a") == 1
    assert str(Path(SERVER)) != SERVER
