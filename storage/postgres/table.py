"""Event table in PostgreSQL, which any number of processes may append to.

Every append first takes the advisory lock of the log, and releases it with its commit. Sequence numbers
therefore follow the order of the commits without gaps: no reader can see seq 8 while seq 7 is still to come.
"""

from typing import Any

import psycopg

from ..clock import Clock
from ..errors import LogFull, LogUnreadable, RowRefused, RunBusy, StorageError, TailMissing
from ..hash_chain import ChainedTable
from ..layout import SCHEMA_VERSION
from ..place import shown
from ..rows import Row
from .place import Database, channel_of, connect, format_of, split_place
from .schema import INSERT_ALL, postgres_ddl

_BEGIN = (
    "BEGIN; SELECT pg_advisory_xact_lock(hashtextextended('transfer-prompting/' || current_schema(), 0));"
    " SELECT COALESCE(MAX(seq), 0) FROM event"
)
"""One exchange with the server. Each statement sees what was committed before it."""
_CLAIM = (
    "SELECT pg_try_advisory_lock("
    "hashtextextended('transfer-prompting/' || current_schema() || '/run/' || %s, 0))"
)
_SETTINGS = (
    # An appender that hangs inside a transaction must not block the others for ever.
    "SET idle_in_transaction_session_timeout = '30s'",
    "SELECT set_config('synchronous_commit', 'on', false)"
    " WHERE current_setting('synchronous_commit') = 'off'",
)


class PostgresTable(ChainedTable):
    """Table in a schema of a PostgreSQL database. Not thread-safe by design."""

    Failed = psycopg.Error
    Clash = psycopg.IntegrityError

    def __init__(self, place: str, clock: Clock) -> None:
        super().__init__(clock, "%s")
        self._claimed: str | None = None
        self._url, self._place = place, shown(place)
        _, self._schema = split_place(place)
        try:
            self._db = _open_connection(place)
            self._open()
        except psycopg.Error as error:
            raise LogUnreadable(f"{self._place} cannot be opened as a log: {_text(error)}.") from error

    def _explained(self, error: Exception) -> StorageError:
        if not isinstance(error, psycopg.OperationalError | psycopg.InternalError):
            return RowRefused(f"{self._place} cannot store this event: {_text(error)}.")
        if getattr(error, "sqlstate", None) == "53100":
            return LogFull(
                f"The disk is full: {self._place} could not be written ({_text(error)}). All events "
                "acknowledged so far are safe. Free some space, then continue with `tp resume`."
            )
        return LogUnreadable(f"{self._place} could not be written: {_text(error)}.")

    def claim(self, run: str) -> None:
        """Take the advisory lock of `run`, which the server releases when the connection ends."""
        try:
            free = self._execute(_CLAIM, (run,)).fetchone()[0]
        except psycopg.Error as error:
            raise self._explained(error) from error
        if not free:
            raise RunBusy(run, self._place)
        self._claimed = run

    def anchor(self) -> None:
        """Do nothing: the head anchor is written with the events."""

    def close(self) -> None:
        """Close the connection."""
        self._db.close()

    def _open(self) -> None:
        """Create the log if there is none, under a lock, since another process may do the same."""
        try:
            self._execute("BEGIN")
            self._execute("SELECT pg_advisory_xact_lock(hashtextextended('transfer-prompting/new', 0))")
            if self._first("SELECT to_regclass('event')") is None:
                for statement in postgres_ddl(self._schema):
                    self._execute(statement)
            self._check_format()
            self._check_head()
            self._continue_time()
            self._execute("COMMIT")
        except BaseException:
            self._rollback()
            self.close()
            raise

    def _execute(self, sql: str, values: tuple[object, ...] = ()) -> Any:
        # The statement is this package's own text. Without values, a "%" in it has no special meaning.
        return self._db.execute(sql.encode(), values or None)

    def _begin(self) -> None:
        if self._db.closed:
            self._reconnect()
        results = self._execute(_BEGIN)
        while results.nextset():
            pass
        seq = int(results.fetchone()[0])
        if seq != self._seq:
            # Another process has appended, so the known ends of the runs may be outdated.
            self._seq, self._tails = seq, {}

    def _reconnect(self) -> None:
        self._db = _open_connection(self._url)
        if self._claimed is not None:
            try:
                self.claim(self._claimed)
            except BaseException:
                # Otherwise the next append would do without the lock.
                self._db.close()
                raise

    def _write(self, rows: list[Row]) -> None:
        columns = map(list, zip(*rows, strict=True))
        seq, run, *_, digest = rows[-1]
        self._execute(INSERT_ALL, (*columns, run, seq, digest, channel_of(self._schema)))

    def _first(self, sql: str) -> Any:
        return self._execute(sql).fetchone()[0]

    def _check_format(self) -> None:
        found = format_of(self._first("SELECT obj_description('event'::regclass, 'pg_class')"))
        if found is None or found > SCHEMA_VERSION:
            raise LogUnreadable(
                f"{self._place} has a table `event`, but it is not a log that this version can write. Name "
                "another schema: ?schema=NAME."
            )

    def _check_head(self) -> None:
        lost = self._execute(
            "SELECT h.seq, h.run FROM event_head h LEFT JOIN event e ON e.seq = h.seq AND e.hash = h.hash"
            " WHERE e.seq IS NULL"
        ).fetchone()
        if lost:
            raise TailMissing(
                f"The head anchor of {self._place} remembers seq {lost[0]} of run {lost[1]} with another "
                "hash. Acknowledged events are lost: restore the database from a copy or, to continue with "
                "the remaining events, delete the row of event_head."
            )


def _open_connection(place: str) -> Database:
    db = connect(place)
    for statement in _SETTINGS:
        db.execute(statement)
    return db


def _text(error: Exception) -> str:
    return " ".join(str(error).split()).rstrip(".")
