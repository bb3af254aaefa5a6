"""Open a log at a place. A database library is imported only when a log in that database is opened."""

from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from .clock import Clock
from .errors import LogUnreadable
from .place import DEMO, MEMORY, Place, to_place

if TYPE_CHECKING:
    from .reader import Reader
    from .table_protocol import Table

_unnamed = count(1)


def open_reader(place: Place) -> "Reader":
    """Open a read-only view of the log at `place`. The caller closes it.

    Raise `LogNotFound` if there is no log, and `LogUnreadable` if the place holds something else.
    """
    place = to_place(place)
    if isinstance(place, Path):
        from .sqlite.reader import LogReader

        return LogReader(place)
    if place == DEMO:
        from .sqlite.recorded import RecordedReader

        return RecordedReader()
    if place.startswith(MEMORY):
        from .sqlite.reader import MemoryReader

        return MemoryReader(place)
    _check_psycopg()
    from .postgres.reader import PostgresReader

    return PostgresReader(place)


def open_table(place: Place, clock: Clock) -> "tuple[Place, Table]":
    """Open the table of the log at `place`, and return it after the place by which readers find it.

    Raise `LogUnreadable` if the place cannot be written.
    """
    place = to_place(place)
    check_writable(place)
    if not isinstance(place, Path) and not place.startswith(MEMORY):
        _check_psycopg()
        from .postgres.table import PostgresTable

        return place, PostgresTable(place, clock)
    from .sqlite.table import MemoryTable, SqliteTable

    if isinstance(place, Path):
        return place, SqliteTable(place, clock)
    place = f"{MEMORY}{next(_unnamed)}" if place == MEMORY else place
    return place, MemoryTable(place, clock)


def remove_log(path: Path) -> None:
    """Remove the log in the file `path` with all files that belong to it, and its folder if empty then."""
    from .sqlite.files import remove_files

    remove_files(path)


def check_writable(place: Place) -> None:
    """Raise `LogUnreadable` if `place` is that of the recorded run that comes with the package."""
    if to_place(place) == DEMO:
        raise LogUnreadable(
            "The recorded demo comes with the program and is read-only. To work with it, put it into a log "
            "of your own: tp export demo -o demo.jsonl, then tp import demo.jsonl."
        )


def _check_psycopg() -> None:
    from importlib.util import find_spec

    if find_spec("psycopg") is None:
        raise LogUnreadable(
            "A log in PostgreSQL needs psycopg: pip install 'transfer-prompting[postgres]', or name a file."
        )
