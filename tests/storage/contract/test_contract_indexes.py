"""The partial indexes of a log serve the queries about calls."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from log_stores import PostgresStore, Store, draft, sqlite_file

from transfer_prompting.agents.call_events import CALL_KINDS, replies_with, reply_to
from transfer_prompting.storage.errors import UnknownRun
from transfer_prompting.storage.layout import KEY_INDEX
from transfer_prompting.storage.opening import open_reader
from transfer_prompting.storage.reader import Reader
from transfer_prompting.storage.schema import index_ddl


def _reply(reader: Reader) -> None:
    with pytest.raises(UnknownRun):
        reply_to(reader, "run-a", "x")


QUERIES: dict[str, tuple[str, Callable[[Reader], object]]] = {
    "messages": ("event_said", lambda reader: list(reader.read("run-a", without=CALL_KINDS))),
    "key": ("event_key", lambda reader: replies_with(reader, "1" * 32)),
    "key in runs": ("event_key", lambda reader: replies_with(reader, "1" * 32, ["run-a"])),
    "reply": ("event_reply", _reply),
    "names": ("event_first", lambda reader: reader.resolve("last")),
}


def _plans(store: Store, query: Callable[[Reader], object]) -> str:
    """Run `query` and return how the database would execute its SQL, without scanning the table."""
    asked: list[tuple[str, tuple[object, ...]]] = []
    with open_reader(store.place) as reader:
        fetch = reader._fetch

        def noting(sql: str, values: tuple[object, ...] = ()) -> list[Any]:
            asked.append((sql, values))
            return fetch(sql, values)

        reader._fetch = noting  # type: ignore[method-assign, assignment]
        query(reader)
    explain = "EXPLAIN" if isinstance(store, PostgresStore) else "EXPLAIN QUERY PLAN"
    return " ".join(str(row) for sql, values in asked for row in store.execute(f"{explain} {sql}", *values))


@pytest.mark.parametrize(("index", "query"), QUERIES.values(), ids=QUERIES)
def test_sqlite(index: str, query: Callable[[Reader], object], tmp_path: Path) -> None:
    """SQLite serves each query about calls from the index that was made for it."""
    with sqlite_file(tmp_path) as store:
        store.write(draft(1), keys=True)
        assert index in _plans(store, query)


def test_postgres(server: PostgresStore) -> None:
    """PostgreSQL finds a reply by its key in the index that was made for it."""
    server.write(draft(1), keys=True)
    server.execute("SET enable_seqscan = off")
    assert "event_key" in _plans(server, QUERIES["key"][1])


def test_keys_are_indexed_on_demand(store: Store) -> None:
    """A log has no index of keys before a writer asks for it; then it holds the earlier replies too."""
    key = "1" * 32
    reply = draft(1)._replace(kind="call.finished", data=b'{"kind":"call.finished","key":"' + key.encode())
    store.write(reply)
    assert "event_key" not in _indexes(store)
    for n in (2, 3):
        store.write(draft(n), keys=True)
    assert "event_key" in _indexes(store)
    with open_reader(store.place) as reader:
        assert [event.id for event in replies_with(reader, key)] == [reply.id]


def _indexes(store: Store) -> list[str]:
    postgres = isinstance(store, PostgresStore)
    query = (
        "SELECT indexname FROM pg_indexes WHERE schemaname = current_schema()"
        if postgres
        else "SELECT name FROM sqlite_schema"
    )
    return [name for (name,) in store.execute(query)]


def test_stored_statements() -> None:
    """The statements that create the indexes are part of the stored format and never change."""
    assert index_ddl() == [
        "CREATE INDEX event_reply ON event (cause) WHERE kind = 'call.finished'",
        "CREATE INDEX event_said ON event (run, version)"
        " WHERE kind NOT IN ('call.requested', 'call.finished')",
        "CREATE INDEX event_first ON event (seq) WHERE version = 1",
    ]
    assert KEY_INDEX == (
        "CREATE INDEX IF NOT EXISTS event_key ON event (substr(data, 32, 32)) WHERE kind = 'call.finished'"
    )
