"""Read models: tables in a file of their own, which can be deleted and rebuilt from the log at any time.

Deleted rows are overwritten in that file, because a payload that is redacted in the log must disappear here
too.

A projection is a pure fold: it applies events in log order to rows. Its position in each run is written in
the same transaction as the rows, so it can stop anywhere and catch up later.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

from sqlalchemy import URL, create_engine, select
from sqlalchemy.exc import DatabaseError, OperationalError
from sqlalchemy.pool import StaticPool
from sqlmodel import Field, SQLModel

from .errors import LogUnreadable
from .event import Event
from .row_buffer import Row, RowBuffer

Fold = Callable[[RowBuffer, Event], None]
_APPLICATION_ID = 0x54505657  # "TPVW"
_CHUNK = 5000  # events in one transaction


class PositionRow(SQLModel, table=True):
    """Position of a projection in a run: the seq and hash of the last event applied."""

    __tablename__ = "position"

    run: str = Field(primary_key=True)
    seq: int = 0
    hash: bytes = b""


class Views:
    """File of read models. If the file has another `version` of the schema, its tables are rebuilt."""

    def __init__(self, path: Path, tables: Sequence[type[SQLModel]], fold: Fold, version: int) -> None:
        self.path = path
        self._tables: tuple[type[SQLModel], ...] = (PositionRow, *tables)
        self._fold = fold
        self._engine = create_engine(
            URL.create("sqlite", database=str(path)), isolation_level="AUTOCOMMIT", poolclass=StaticPool
        )
        try:
            self._db = self._engine.connect()
            self._prepare(version)
        except OperationalError as error:
            self._engine.dispose()
            raise LogUnreadable(
                f"The read models of the log, {path}, cannot be written ({error.orig}). Make its folder "
                "writable, or copy the log into one that is."
            ) from error
        except DatabaseError as error:
            self._engine.dispose()
            raise LogUnreadable(
                f"{path} is not a file of read models ({error.orig}). Delete it, or move it."
            ) from error
        except BaseException:
            self._engine.dispose()
            raise

    def close(self) -> None:
        """Close the file."""
        self._db.close()
        self._engine.dispose()

    def position(self, run: str) -> tuple[int, bytes]:
        """Return seq and hash of the last event of `run` applied to the tables; (0, b"") before the first."""
        row = RowBuffer(self._db).get(PositionRow, run)
        return (row["seq"], row["hash"]) if row else (0, b"")

    def forget(self, run: str) -> None:
        """Delete every row of a run."""
        with self._transaction():
            for table in self._tables:
                self._db.exec_driver_sql(f'DELETE FROM "{table.__tablename__}" WHERE run = ?', (run,))

    def feed(self, events: Iterable[Event]) -> int:
        """Apply the events of a run that follow its position, and return their number."""
        count, source = 0, iter(events)
        while chunk := list(islice(source, _CHUNK)):
            with self._transaction():
                count += self._feed_chunk(chunk)
        return count

    def change(self, change: Callable[[RowBuffer], None]) -> None:
        """Let `change` edit rows, in one transaction."""
        with self._transaction():
            rows = RowBuffer(self._db)
            change(rows)
            rows.flush()

    def _feed_chunk(self, chunk: list[Event]) -> int:
        rows = RowBuffer(self._db)
        position = rows.at(PositionRow, chunk[0].run)
        # Another process may have advanced the position in the meantime.
        fresh = [event for event in chunk if event.seq > position["seq"]]
        for event in fresh:
            self._fold(rows, event)
            position |= {"seq": event.seq, "hash": event.hash}
        if fresh:
            rows.flush()
        return len(fresh)

    def counts(self, run: str) -> dict[str, int]:
        """Return the number of rows of a run in each table."""
        count = 'SELECT COUNT(*) FROM "{}" WHERE run = ?'
        names = [str(table.__tablename__) for table in self._tables[1:]]
        return {n: self._db.exec_driver_sql(count.format(n), (run,)).scalar() or 0 for n in names}

    def dump(self, run: str) -> dict[str, list[Row]]:
        """Return the rows of a run in each table, in the order of their keys."""
        found: dict[str, list[Row]] = {}
        for table in self._tables[1:]:
            core = table.__table__  # type: ignore[attr-defined]
            query = select(core).where(core.c.run == run).order_by(*core.primary_key.columns)
            found[str(table.__tablename__)] = [dict(row._mapping) for row in self._db.execute(query)]
        return found

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._db.exec_driver_sql("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.exec_driver_sql("ROLLBACK")
            raise
        self._db.exec_driver_sql("COMMIT")

    def _prepare(self, version: int) -> None:
        self._db.exec_driver_sql("PRAGMA secure_delete = ON")
        known = self._db.exec_driver_sql("SELECT COUNT(*) FROM sqlite_schema").scalar()
        application = self._db.exec_driver_sql("PRAGMA application_id").scalar()
        if known and application != _APPLICATION_ID:
            raise LogUnreadable(
                f"{self.path} is a database, but not one of read models. Delete it, or move it."
            )
        with self._transaction():
            if self._db.exec_driver_sql("PRAGMA user_version").scalar() != version:
                for table in self._tables:
                    self._db.exec_driver_sql(f'DROP TABLE IF EXISTS "{table.__tablename__}"')
            for table in self._tables:
                table.__table__.create(self._db, checkfirst=True)  # type: ignore[attr-defined]
            self._db.exec_driver_sql(f"PRAGMA application_id = {_APPLICATION_ID}")
            self._db.exec_driver_sql(f"PRAGMA user_version = {version}")
