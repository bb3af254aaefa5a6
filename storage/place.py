"""Where a log is kept: the path of an SQLite file, memory, or the URL of a PostgreSQL database.

- `Path("log.db")` or "log.db": an SQLite file with one writer at a time.
- ":memory:": SQLite in the memory of this process, a new log each time; ":memory:NAME" is one that
  other parts of the process find by its name, for as long as somebody has it open.
- "postgresql://user@host/database?schema=NAME": a schema of a PostgreSQL database, with any number of
  writers; without `schema` it is transfer_prompting. Further parts of the query go to libpq.
"""

import re
from pathlib import Path

Place = Path | str
MEMORY = ":memory:"
_POSTGRES = re.compile(r"postgres(?:ql)?(?:\+psycopg)?:/")


def to_place(given: Place) -> Place:
    """A URL or the name of a log in memory as a string, everything else as a path.

    A `Path` made of a URL has lost its double slash; one is put back, so that a URL can stand wherever a
    program reads a path. Only "postgresql:///database", which names no host, must stay a string: as a path
    it is the same as "postgresql://database".
    """
    text = str(given)
    if found := _POSTGRES.match(text):
        return f"postgresql://{text[found.end() :].removeprefix('/')}"
    if isinstance(given, str) and given.startswith(MEMORY):
        return given
    return Path(given)


def is_url(text: str) -> bool:
    """Whether this names a log in a database, and no file."""
    return _POSTGRES.match(text) is not None


def shown(place: Place) -> str:
    """The place as messages may show it: without a password."""
    text = re.sub(r"(?<=://)([^/@:]*):[^@]*@", r"\1:***@", str(to_place(place)))
    return re.sub(r"(?<=[?&]password=)[^&]*", "***", text)
