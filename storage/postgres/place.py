"""URL of a log in PostgreSQL, and connections to the schema that it names."""

import re
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

import psycopg

from ..errors import LogUnreadable

Database = psycopg.Connection[tuple[object, ...]]
DEFAULT_SCHEMA = "transfer_prompting"
MARK = "transfer-prompting log, format "
"""Comment on the table of a log, followed by the number of its format. It identifies a log."""
_NAME = re.compile(r"[a-z_][a-z0-9_]{0,62}")


def split_place(place: str) -> tuple[str, str]:
    """Return the URL for libpq, and the schema named in its query.

    Raise `LogUnreadable` if the schema is not a plain name.
    """
    url = urlsplit(place)
    query = dict(parse_qsl(url.query, keep_blank_values=True))
    schema = query.pop("schema", DEFAULT_SCHEMA)
    if not _NAME.fullmatch(schema):
        raise LogUnreadable(
            f"The schema {schema!r} is not a plain name: use at most 63 lower-case letters, digits and _."
        )
    query.setdefault("connect_timeout", "10")
    query.setdefault("application_name", "transfer-prompting")
    # Not `urlunsplit`, which drops the slashes before an empty host: that is the local socket.
    return f"{url.scheme}://{url.netloc}{url.path}?{urlencode(query, quote_via=quote)}", schema


def connect(place: str) -> Database:
    """Open a connection on which `event` is the table in the schema of the log. Raise `psycopg.Error`."""
    url, schema = split_place(place)
    db = psycopg.connect(url, autocommit=True)
    try:
        db.execute(f'SET search_path TO "{schema}"'.encode())
    except BaseException:
        db.close()
        raise
    return db


def channel_of(schema: str) -> str:
    """Return the channel on which appenders notify the followers of a log in `schema`."""
    return schema


def format_of(comment: str | None) -> int | None:
    """Return the format number in the comment on a table; None if the table is not that of a log."""
    number = (comment or "").removeprefix(MARK)
    return int(number) if number != comment and number.isdigit() else None
