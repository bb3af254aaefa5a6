"""Reading a log in PostgreSQL: any number of processes, no lock, no database library but psycopg."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import closing
from typing import Any

import psycopg

from ..errors import LogNotFound, LogUnreadable
from ..event import Event
from ..head import Head
from ..layout import SCHEMA_VERSION
from ..place import shown
from ..reader import Reader
from .place import Database, bell_of, connect, format_of, split_place


class PostgresReader(Reader):
    """A read-only view of a log in a schema of a PostgreSQL database."""

    def __init__(self, place: str) -> None:
        self.place = place
        self._url = place
        _, self._schema = split_place(place)
        self._db = self._connect()
        try:
            self._check_is_log()
        except BaseException:
            self._db.close()
            raise

    def close(self) -> None:
        """Let go of the database."""
        self._db.close()

    def refresh(self) -> None:
        """Every query sees what is committed; only a connection that was lost is made anew."""
        if self._db.broken:
            self._db.close()
            self._db = self._connect()

    async def follow(self, run: str, *, after: int = 0, poll: float = 1.0) -> AsyncIterator[Event]:
        """Every event of `run` past `after`, then each new one when the appender's NOTIFY comes.

        Without a NOTIFY the table is looked at every `poll` seconds, as always on a hot standby.
        """
        with closing(self._bell()) as bell:
            while True:
                for event in self.read(run, after=after):
                    after = event.seq
                    yield event
                try:
                    await bell.wait(poll)
                except psycopg.Error as error:
                    raise self._unreadable(error) from error

    def _bell(self) -> "_Bell":
        db = self._connect()
        try:
            return _Bell(db, bell_of(self._schema))
        except psycopg.Error as error:
            raise self._unreadable(error) from error

    def _connect(self) -> Database:
        try:
            db = connect(self._url)
            db.execute("SET default_transaction_read_only = on")
            return db
        except psycopg.Error as error:
            raise self._unreadable(error) from error

    def _check_is_log(self) -> None:
        place = shown(self.place)
        found = self._fetch("SELECT obj_description(to_regclass('event'), 'pg_class'), to_regclass('event')")
        comment, table = found[0]
        if table is None:
            raise LogNotFound(
                f"There is no log at {place} (schema {self._schema}). `tp run` makes one; --log names "
                "another."
            )
        version = format_of(comment)
        if version is None or version > SCHEMA_VERSION:
            raise LogUnreadable(f"{place} has a table `event`, but not a log that this version can read.")

    def _fetch(self, query: str, values: tuple[object, ...] = ()) -> list[Any]:
        try:
            # The text is this package's own, and is no literal only because of the number of its values.
            return self._db.execute(query.replace("?", "%s").encode(), values).fetchall()
        except psycopg.Error as error:
            raise self._unreadable(error) from error

    def _field(self, *path: str) -> str:
        return f"(NULLIF(convert_from(data, 'UTF8'), '')::json #>> '{{{','.join(path)}}}')"

    def head(self) -> Head | None:
        """What a row of its own remembers of the end of the log."""
        for run, seq, digest in self._fetch("SELECT run, seq, hash FROM event_head"):
            return Head(run, seq, digest.hex())
        return None

    def _unreadable(self, error: psycopg.Error) -> LogUnreadable:
        text = " ".join(str(error).split()).rstrip(".")
        return LogUnreadable(f"{shown(self.place)} cannot be read: {text}. Is the server up?")


class _Bell:
    """A connection of its own that does nothing but listen: so no query can swallow a ring."""

    def __init__(self, db: Database, channel: str) -> None:
        self._db = db
        self._hears = True
        try:
            db.execute(f'LISTEN "{channel}"'.encode())
        except psycopg.errors.ReadOnlySqlTransaction:
            self._hears = False  # A hot standby takes no LISTEN: one can only look again there.
        except BaseException:
            db.close()
            raise

    def close(self) -> None:
        self._db.close()

    async def wait(self, seconds: float) -> None:
        """Return once it has rung since the last time, or when the time is up. Raises `psycopg.Error`."""
        if not self._hears:
            await asyncio.sleep(seconds)
            return
        loop, rung = asyncio.get_running_loop(), asyncio.Event()
        loop.add_reader(self._db.fileno(), rung.set)
        try:
            async with asyncio.timeout(seconds):
                await rung.wait()
        except TimeoutError:
            return
        finally:
            loop.remove_reader(self._db.fileno())
        for _ in self._db.notifies(timeout=0):
            pass
