"""The URL of a log in PostgreSQL, and a connection that sees the schema it names. Needs psycopg alone."""

import re
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

import psycopg

from ..errors import LogUnreadable

Database = psycopg.Connection[tuple[object, ...]]
DEFAULT_SCHEMA = "transfer_prompting"
MARK = "transfer-prompting log, format "
"""With the number of the format the comment on the table: so a stranger's table is told from a log."""
_NAME = re.compile(r"[a-z_][a-z0-9_]{0,62}")


def split_place(place: str) -> tuple[str, str]:
    """The URL as libpq understands it, and the schema named in its query.

    Raises `LogUnreadable` where that is no plain name.
    """
    url = urlsplit(place)
    query = dict(parse_qsl(url.query, keep_blank_values=True))
    schema = query.pop("schema", DEFAULT_SCHEMA)
    if not _NAME.fullmatch(schema):
        raise LogUnreadable(
            f"The schema {schema!r} is no plain name: use small letters, digits and _, 63 at the most."
        )
    query.setdefault("connect_timeout", "10")
    query.setdefault("application_name", "transfer-prompting")
    return urlunsplit(url._replace(query=urlencode(query, quote_via=quote))), schema


def connect(place: str) -> Database:
    """A connection on which `event` means the table in the log's schema. Raises `psycopg.Error`."""
    url, schema = split_place(place)
    db = psycopg.connect(url, autocommit=True)
    try:
        db.execute(f'SET search_path TO "{schema}"'.encode())
    except BaseException:
        db.close()
        raise
    return db


def bell_of(schema: str) -> str:
    """The channel on which appenders tell the followers of a log in `schema` that there is more."""
    return schema


def format_of(comment: str | None) -> int | None:
    """The number in the comment on a log's table; None where it is no log's table."""
    number = (comment or "").removeprefix(MARK)
    return int(number) if number != comment and number.isdigit() else None
