"""The stores that a log can be kept in, as the contract tests see them: places that can be damaged."""

import asyncio
import os
import sqlite3
import uuid
from abc import ABC, abstractmethod
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from itertools import count
from pathlib import Path
from typing import Any

from transfer_prompting.storage.event import Draft, Event
from transfer_prompting.storage.log import EventLog
from transfer_prompting.storage.opening import open_reader
from transfer_prompting.storage.place import Place
from transfer_prompting.storage.sqlite.reader import memory_uri

SERVER = os.environ.get("TRANSFER_PROMPTING_TEST_POSTGRES", "postgresql://postgres@127.0.0.1:5432/test")
"""A PostgreSQL database in which the tests may make and drop schemas of their own."""


def draft(number: int, run: str = "run-a", data: bytes = b"{}", cause: str | None = None) -> Draft:
    """Return the draft whose id follows from `run` and `number`."""
    recipients = ("curator/main", "model/echo")
    return Draft(run, f"{run}/{number}", "call.requested", 1, "scorer/main", recipients, cause, data)


class Store(ABC):
    """A place for one log, with ways to damage it without the log's knowledge."""

    place: Place
    remembers_head = True
    """True if the end of the log is also recorded outside the events."""

    @abstractmethod
    def execute(self, sql: str, *values: object) -> list[Any]:
        """Run SQL on the table as any other program could; "?" stands for a value."""

    @abstractmethod
    def unlock(self) -> None:
        """Remove or disable the triggers."""

    def hurt(self, sql: str, *values: object) -> None:
        """Run SQL without the triggers."""
        self.unlock()
        self.execute(sql, *values)

    @contextmanager
    def writing(self, *, keys: bool = False) -> Iterator[EventLog]:
        """Yield an open log whose clock counts 1, 2, 3, ...; it is closed after the test."""
        ticks = count(1)
        log = EventLog(self.place, lambda: next(ticks), keys=keys)
        try:
            yield log
        finally:
            # In a thread, because the test may have an event loop of its own.
            with ThreadPoolExecutor(1) as pool:
                pool.submit(asyncio.run, log.close()).result()

    def write(self, *drafts: Draft, keys: bool = False) -> list[Event]:
        """Append `drafts` one by one and close the log."""
        with self.writing(keys=keys) as log:
            return [log.submit([one]).result()[0] for one in drafts]

    def events(self, run: str = "run-a") -> list[Event]:
        """Return the events of one run that a reader finds."""
        with open_reader(self.place) as reader:
            return list(reader.read(run))

    def verify(self, run: str = "run-a") -> int:
        """Verify the chain of one run and return its number of events."""
        with open_reader(self.place) as reader:
            return reader.verify(run)


class SqliteStore(Store):
    """A log in the SQLite database named `database`."""

    def __init__(self, place: Place, database: str) -> None:
        self.place, self._database = place, database

    def execute(self, sql: str, *values: object) -> list[Any]:
        with closing(sqlite3.connect(self._database, isolation_level=None, uri=True)) as db:
            return db.execute(sql, values).fetchall()

    def unlock(self) -> None:
        self.execute("DROP TRIGGER event_no_update")
        self.execute("DROP TRIGGER event_no_delete")


class PostgresStore(Store):
    """A log in a schema of its own."""

    def __init__(self) -> None:
        import psycopg

        self.schema = f"tp_test_{uuid.uuid4().hex[:12]}"
        self.place = f"{SERVER}{'&' if '?' in SERVER else '?'}schema={self.schema}"
        self.db = psycopg.connect(SERVER, autocommit=True, connect_timeout=5)
        self.db.execute(f"SET search_path TO {self.schema}")

    def execute(self, sql: str, *values: object) -> list[Any]:
        cursor = self.db.execute(sql.replace("?", "%s"), values)
        return cursor.fetchall() if cursor.description else []

    def unlock(self) -> None:
        self.execute("ALTER TABLE event DISABLE TRIGGER USER")

    def drop(self) -> None:
        """Remove everything from the database."""
        self.db.execute("SET client_min_messages = warning")
        self.db.execute(f"DROP SCHEMA IF EXISTS {self.schema} CASCADE")
        self.db.close()


def backend(log: EventLog) -> int:
    """Return the process id of the server that serves an open log."""
    from transfer_prompting.storage.postgres.table import PostgresTable

    assert isinstance(log._table, PostgresTable)
    return log._table._db.info.backend_pid


@contextmanager
def sqlite_file(folder: Path) -> Iterator[Store]:
    """Yield a log in a file."""
    yield SqliteStore(folder / "log.db", str(folder / "log.db"))


@contextmanager
def sqlite_memory(folder: Path) -> Iterator[Store]:
    """Yield a log in memory. An open connection keeps it while no other is open."""
    place = f":memory:{uuid.uuid4().hex}"
    store = SqliteStore(place, memory_uri(place))
    store.remembers_head = False
    with closing(sqlite3.connect(memory_uri(place), uri=True)):
        yield store


@contextmanager
def postgres(folder: Path) -> Iterator[PostgresStore]:
    """Yield a log in PostgreSQL, whose schema is dropped after the test."""
    store = PostgresStore()
    try:
        yield store
    finally:
        store.drop()


STORES = {"sqlite-file": sqlite_file, "sqlite-memory": sqlite_memory, "postgres": postgres}


def why_no_postgres() -> str | None:
    """Return why the tests that need PostgreSQL cannot run here, or None if they can."""
    try:
        import psycopg
    except ImportError:
        return "psycopg is not installed: pip install 'transfer-prompting[postgres]'"
    try:
        psycopg.connect(SERVER, connect_timeout=5).close()
    except psycopg.OperationalError as error:
        return f"no PostgreSQL server answers (see TRANSFER_PROMPTING_TEST_POSTGRES): {error}"
    return None
