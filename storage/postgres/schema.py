"""SQL schema of a log in PostgreSQL."""

from sqlalchemy import MetaData
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateTable

from ..layout import COLUMNS, SCHEMA_VERSION
from ..schema import EVENT_TABLE, index_ddl
from .place import MARK

_TYPES = (
    "bigint",
    "text",
    "bigint",
    "text",
    "text",
    "integer",
    "text",
    "text",
    "text",
    "bigint",
    "bytea",
    "bytea",
)
INSERT_ALL = (
    f"WITH events AS (INSERT INTO event ({COLUMNS})"
    f" SELECT * FROM unnest({', '.join(f'%s::{t}[]' for t in _TYPES)})),"
    " head AS (INSERT INTO event_head (one, run, seq, hash) VALUES (true, %s, %s, %s)"
    " ON CONFLICT (one) DO UPDATE SET run = excluded.run, seq = excluded.seq, hash = excluded.hash)"
    " SELECT pg_notify(%s, '')"
)
"""Statement that inserts any number of rows, given as one list for each column, moves the head anchor, here
a row in the transaction of the events, and notifies followers, who hear of it at the commit."""


def postgres_ddl(schema: str) -> list[str]:
    """Return the statements that create a log, to be executed in one transaction."""
    table = EVENT_TABLE.to_metadata(MetaData())
    # The appenders' lock guards the numbers: a sequence would leave gaps.
    table.c.seq.autoincrement = False
    return [
        f'CREATE SCHEMA IF NOT EXISTS "{schema}"',
        # The dialect has no type annotations.
        str(CreateTable(table).compile(dialect=postgresql.dialect())),  # type: ignore[no-untyped-call]
        *index_ddl(),
        "CREATE TABLE event_head (one boolean PRIMARY KEY CHECK (one), run text NOT NULL,"
        " seq bigint NOT NULL, hash bytea NOT NULL)",
        "CREATE FUNCTION event_refuse() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION 'the event log is append-only'; END $$",
        "CREATE TRIGGER event_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON event"
        " FOR EACH STATEMENT EXECUTE FUNCTION event_refuse()",
        f"COMMENT ON TABLE event IS '{MARK}{SCHEMA_VERSION}'",
    ]
