"""Reader of a log in PostgreSQL. It takes no lock and imports no database library but psycopg."""

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
from .place import Database, channel_of, connect, format_of, split_place

_TEXT = "convert_from(data, 'UTF8')"
_PLAIN_JSON = (
    f"CASE WHEN strpos({_TEXT}, '\\u') = 0 THEN {_TEXT}"
    f" ELSE regexp_replace({_TEXT}, '\\\\u(0000|[dD][89a-fA-F][0-9a-fA-F]{{2}})', '\\\\ufffd', 'g') END"
)
"""SQL for the payload without the escapes that PostgreSQL's JSON refuses: NUL and the halves of a surrogate
pair. Only fields that are numbers are read from it."""


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
        """Close the connection."""
        self._db.close()

    def refresh(self) -> None:
        """Reconnect if the connection was lost. Every query sees all committed events anyway."""
        if self._db.broken:
            self._db.close()
            self._db = self._connect()

    async def follow(self, run: str, *, after: int = 0, poll: float = 1.0) -> AsyncIterator[Event]:
        """Yield every event of `run` past `after`, then each new one after the appender's NOTIFY.

        Without a NOTIFY, as on a hot standby, the table is checked every `poll` seconds.
        """
        with closing(self._listener()) as listener:
            while True:
                for event in self.read(run, after=after):
                    after = event.seq
                    yield event
                try:
                    await listener.wait(poll)
                except psycopg.Error as error:
                    raise self._unreadable(error) from error

    def _listener(self) -> "_Listener":
        db = self._connect()
        try:
            return _Listener(db, channel_of(self._schema))
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
                f"There is no log at {place} (schema {self._schema}). `tp run` creates one; --log names "
                "another."
            )
        version = format_of(comment)
        if version is None or version > SCHEMA_VERSION:
            raise LogUnreadable(
                f"{place} has a table `event`, but it is not a log that this version can read. Name another "
                "schema (?schema=NAME), or upgrade."
            )

    def _fetch(self, query: str, values: tuple[object, ...] = ()) -> list[Any]:
        try:
            # The query is this package's own text. It is no literal only because the number of values varies.
            return self._db.execute(query.replace("?", "%s").encode(), values).fetchall()
        except psycopg.Error as error:
            raise self._unreadable(error) from error

    def _field(self, *path: str) -> str:
        return f"(NULLIF({_PLAIN_JSON}, '')::json #>> '{{{','.join(path)}}}')"

    def head(self) -> Head | None:
        """Return the head anchor from its own table; None if the log is empty."""
        for run, seq, digest in self._fetch("SELECT run, seq, hash FROM event_head"):
            return Head(self._checked("run", run, seq), seq, digest.hex())
        return None

    def _unreadable(self, error: psycopg.Error) -> LogUnreadable:
        text = " ".join(str(error).split()).rstrip(".")
        return LogUnreadable(f"{shown(self.place)} cannot be read: {text}. Is the server up?")


class _Listener:
    """A connection that only listens, so that no query can consume a notification."""

    def __init__(self, db: Database, channel: str) -> None:
        self._db = db
        self._listens = True
        try:
            db.execute(f'LISTEN "{channel}"'.encode())
        except psycopg.errors.ReadOnlySqlTransaction:
            self._listens = False  # A hot standby refuses LISTEN, so the follower has to poll.
        except BaseException:
            db.close()
            raise

    def close(self) -> None:
        self._db.close()

    async def wait(self, seconds: float) -> None:
        """Return after a notification since the last call, or after `seconds`. Raise `psycopg.Error`."""
        if not self._listens:
            await asyncio.sleep(seconds)
            return
        loop, notified = asyncio.get_running_loop(), asyncio.Event()
        loop.add_reader(self._db.fileno(), notified.set)
        try:
            async with asyncio.timeout(seconds):
                await notified.wait()
        except TimeoutError:
            return
        finally:
            loop.remove_reader(self._db.fileno())
        for _ in self._db.notifies(timeout=0):
            pass
