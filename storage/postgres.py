"""The event table in PostgreSQL, as the writing thread of one process of many sees it.

Every append takes the log's advisory lock first and gives it back by its commit. So the numbers of events
follow each other in the order of the commits, without gaps: nobody can see seq 8 while seq 7 may still
come, and as many processes as like may write.
"""

from collections.abc import Callable
from typing import Any

from sqlalchemy import create_engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from .chained import ChainedTable
from .columns import SCHEMA_VERSION
from .errors import LogFull, LogUnreadable, StorageError, TailMissing
from .event import Event
from .places import shown
from .postgres_place import bell_of, connect, format_of, split_place
from .postgres_schema import INSERT_ALL, MOVE_HEAD_AND_RING, postgres_ddl
from .rows import to_row

_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('transfer-prompting/' || current_schema(), 0))"
_SETTINGS = (
    # An appender that was stopped in the midst of a transaction must not hold up the others for ever.
    "SET idle_in_transaction_session_timeout = '30s'",
    "SELECT set_config('synchronous_commit', 'on', false)"
    " WHERE current_setting('synchronous_commit') = 'off'",
)


class PostgresTable(ChainedTable):
    """The table in a schema of a PostgreSQL database. Not thread-safe by design."""

    def __init__(self, place: str, clock: Callable[[], int]) -> None:
        self._place = shown(place)
        _, self._schema = split_place(place)
        self._engine = create_engine(
            "postgresql+psycopg://",
            creator=lambda: _connected(place),
            isolation_level="AUTOCOMMIT",
            poolclass=NullPool,
        )
        try:
            super().__init__(self._engine.connect(), clock, "%s")
            self._open()
        except DBAPIError as error:
            raise LogUnreadable(f"{self._place} cannot be opened as a log: {_text(error)}.") from error

    def explain(self, error: DBAPIError) -> StorageError:
        """`LogFull` where the server's disk took no more, else `LogUnreadable`."""
        if getattr(error.orig, "sqlstate", None) == "53100":
            return LogFull(
                f"The disk took no more of {self._place} ({_text(error)}). All events acknowledged so far "
                "are safe. Make room, then `tp resume` goes on."
            )
        return LogUnreadable(f"{self._place} could not be written: {_text(error)}.")

    def anchor(self) -> None:
        """Nothing to do: the head is written with the events."""

    def close(self) -> None:
        """Let go of the database."""
        self._db.close()
        self._engine.dispose()

    def _open(self) -> None:
        """Make the log where there is none, under the lock: others may be about to do the same."""
        try:
            self._db.exec_driver_sql("BEGIN")
            self._db.exec_driver_sql(
                "SELECT pg_advisory_xact_lock(hashtextextended('transfer-prompting/new', 0))"
            )
            if self._first("SELECT to_regclass('event')") is None:
                for statement in postgres_ddl(self._schema):
                    self._db.exec_driver_sql(statement)
            self._check_format()
            self._check_head()
            self._db.exec_driver_sql("COMMIT")
        except BaseException:
            self._rollback()
            self.close()
            raise

    def _begin(self) -> None:
        self._db.exec_driver_sql("BEGIN")
        self._db.exec_driver_sql(_LOCK)
        seq = int(self._first("SELECT COALESCE(MAX(seq), 0) FROM event"))
        if seq != self._seq:
            # Another process has written: what this one knows of the runs' ends may be old.
            self._seq, self._tails = seq, {}

    def _write(self, events: list[Event]) -> None:
        if events:
            columns = zip(*map(to_row, events), strict=True)
            self._db.exec_driver_sql(INSERT_ALL, tuple(map(list, columns)))
            last = events[-1]
            bell = bell_of(self._schema)
            self._db.exec_driver_sql(MOVE_HEAD_AND_RING, (last.run, last.seq, last.hash, bell))

    def _rollback(self) -> None:
        # Also makes SQLAlchemy connect anew where the connection was lost.
        self._db.rollback()

    def _first(self, sql: str) -> Any:
        return self._db.exec_driver_sql(sql).scalar()

    def _check_format(self) -> None:
        found = format_of(self._first("SELECT obj_description('event'::regclass, 'pg_class')"))
        if found is None or found > SCHEMA_VERSION:
            raise LogUnreadable(
                f"{self._place} has a table `event`, but it is not a log that this version can write. Name "
                "another schema: ?schema=NAME."
            )

    def _check_head(self) -> None:
        lost = self._db.exec_driver_sql(
            "SELECT h.seq, h.run FROM event_head h LEFT JOIN event e ON e.seq = h.seq AND e.hash = h.hash"
            " WHERE e.seq IS NULL"
        ).first()
        if lost:
            raise TailMissing(
                f"{self._place} remembers seq {lost[0]} of run {lost[1]} with another past than it now has. "
                "Events that were acknowledged are gone: restore the database from a copy, or, to go on with "
                "what is left, delete the row of event_head."
            )


def _connected(place: str) -> Any:
    db = connect(place)
    for statement in _SETTINGS:
        db.execute(statement)
    return db


def _text(error: DBAPIError) -> str:
    return " ".join(str(error.orig or error).split()).rstrip(".")
