"""Where a log is kept: the path of an SQLite file, memory, or the URL of a PostgreSQL database.

- `Path("log.db")` or "log.db": an SQLite file with one writer at a time.
- ":memory:": SQLite in the memory of this process, a new log each time; ":memory:NAME" is one that
  other parts of the process find by its name, for as long as somebody has it open.
- "postgresql://user@host/database?schema=NAME": a schema of a PostgreSQL database, with any number of
  writers; without `schema` it is transfer_prompting. Further parts of the query go to libpq.

The databases' libraries are imported when one of their logs is opened, not before.
"""

import re
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from .errors import LogUnreadable

if TYPE_CHECKING:
    from .log import EventLog
    from .queries import Reader
    from .table import Table

Place = Path | str
_MEMORY = ":memory:"
_POSTGRES = re.compile(r"postgres(?:ql)?(?:\+psycopg)?:/")
_unnamed = count(1)


def to_place(given: Place) -> Place:
    """A URL or the name of a log in memory as a string, everything else as a path.

    A `Path` made of a URL has lost its double slash; one is put back, so that a URL can stand wherever a
    program reads a path. Only "postgresql:///database", which names no host, must stay a string: as a path
    it is the same as "postgresql://database".
    """
    text = str(given)
    if found := _POSTGRES.match(text):
        return f"postgresql://{text[found.end() :].removeprefix('/')}"
    if isinstance(given, str) and given.startswith(_MEMORY):
        return given
    return Path(given)


def is_url(text: str) -> bool:
    """Whether this names a log in a database, and no file."""
    return _POSTGRES.match(text) is not None


def shown(place: Place) -> str:
    """The place as messages may show it: without a password."""
    text = re.sub(r"(?<=://)([^/@:]*):[^@]*@", r"\1:***@", str(to_place(place)))
    return re.sub(r"(?<=[?&]password=)[^&]*", "***", text)


def open_reader(place: Place) -> "Reader":
    """A read-only view of the log at `place`, to be closed behind the work.

    Raises `LogNotFound` where there is none and `LogUnreadable` where there is something else.
    """
    place = to_place(place)
    if isinstance(place, Path):
        from .reader import LogReader

        return LogReader(place)
    if place.startswith(_MEMORY):
        from .reader import MemoryReader

        return MemoryReader(place)
    _check_psycopg()
    from .postgres_reader import PostgresReader

    return PostgresReader(place)


async def open_log(place: Place, clock: Callable[[], int] | None = None) -> "EventLog":
    """The log at `place`, open for writing and made where there is none; see `EventLog.open`."""
    from .log import EventLog

    return await EventLog.open(place, clock)


def open_table(place: Place, clock: Callable[[], int]) -> "tuple[Place, Table]":
    """The table of the log at `place`, and the place itself with the name that others find it by."""
    place = to_place(place)
    if not isinstance(place, Path) and not place.startswith(_MEMORY):
        _check_psycopg()
        from .postgres import PostgresTable

        return place, PostgresTable(place, clock)
    from .sqlite import MemoryTable, SqliteTable

    if isinstance(place, Path):
        place.parent.mkdir(parents=True, exist_ok=True)
        return place, SqliteTable(place, clock)
    place = f"{_MEMORY}{next(_unnamed)}" if place == _MEMORY else place
    return place, MemoryTable(place, clock)


def _check_psycopg() -> None:
    from importlib.util import find_spec

    if find_spec("psycopg") is None:
        raise LogUnreadable(
            "A log in PostgreSQL needs psycopg: pip install 'transfer-prompting[postgres]', or name a file."
        )
