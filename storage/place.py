"""Place of a log: the path of an SQLite file, memory, or the URL of a PostgreSQL database.

- `Path("log.db")` or "log.db": an SQLite file with one writer at a time.
- ":memory:": a new SQLite log in the memory of this process. ":memory:NAME" is shared within the process
  under its name for as long as a connection is open.
- ":demo:": the recorded run that comes with the package, which can only be read.
- "postgresql://user@host/database?schema=NAME": a schema of a PostgreSQL database with any number of
  writers. The default schema is transfer_prompting. Other query parameters are passed to libpq.
"""

import re
from pathlib import Path

Place = Path | str
MEMORY = ":memory:"
DEMO = ":demo:"
_POSTGRES = re.compile(r"postgres(?:ql)?(?:\+psycopg)?:/")


def to_place(given: Place) -> Place:
    """Return a URL, ":demo:" or the name of a log in memory as a string, and anything else as a path.

    A `Path` made from a URL has lost its double slash, which is restored here, so that a URL is accepted
    wherever a program reads a path. Only "postgresql:///database", which names no host, must be given as a
    string: as a path it equals "postgresql://database".
    """
    text = str(given)
    if prefix := _POSTGRES.match(text):
        return f"postgresql://{text[prefix.end() :].removeprefix('/')}"
    if isinstance(given, str) and (given == DEMO or given.startswith(MEMORY)):
        return given
    return Path(given)


def is_url(text: str) -> bool:
    """Return True if `text` is the URL of a database rather than a path."""
    return _POSTGRES.match(text) is not None


def shown(place: Place) -> str:
    """Return the place for display, with passwords masked."""
    text = re.sub(r"(?<=://)([^/@:]*):[^@]*@", r"\1:***@", str(to_place(place)))
    return re.sub(r"(?<=[?&]password=)[^&]*", "***", text)
