"""SQL schema of the event table, and the triggers that make it append-only."""

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, Text, UniqueConstraint
from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateTable
from sqlmodel import Field, SQLModel

from .layout import APPLICATION_ID, SCHEMA_VERSION

_Whole = BigInteger().with_variant(Integer(), "sqlite")


class EventRow(SQLModel, table=True):
    """A stored event. See `Event` for the meaning of the columns."""

    __tablename__ = "event"
    __table_args__ = (
        UniqueConstraint("run", "version"),
        {"sqlite_strict": True, "sqlite_autoincrement": True},
    )

    seq: int = Field(sa_column=Column(_Whole, primary_key=True))
    run: str = Field(sa_column=Column(Text, nullable=False))
    version: int = Field(sa_column=Column(_Whole, nullable=False))
    id: str = Field(sa_column=Column(Text, nullable=False, unique=True))
    kind: str = Field(sa_column=Column(Text, nullable=False))
    # A field named `schema` would hide a method of pydantic's base class.
    schema_: int = Field(sa_column=Column("schema", Integer, nullable=False))
    sender: str = Field(sa_column=Column(Text, nullable=False))
    recipients: str = Field(sa_column=Column(Text, nullable=False))
    cause: str | None = Field(sa_column=Column(Text, nullable=True))
    at: int = Field(sa_column=Column(_Whole, nullable=False))
    data: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    hash: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


EVENT_TABLE = SQLModel.metadata.tables["event"]


def index_ddl() -> list[str]:
    """Return the statements that create the partial indexes, which let a long log open quickly.

    Stored logs contain these statements, so their text is part of the format and never changes, even though
    it names kinds of messages. `agents/call_events.py` passes the same kinds to `Reader`. See also
    `layout.KEY_INDEX`.
    """
    return [
        "CREATE INDEX event_reply ON event (cause) WHERE kind = 'call.finished'",
        "CREATE INDEX event_said ON event (run, version)"
        " WHERE kind NOT IN ('call.requested', 'call.finished')",
        "CREATE INDEX event_first ON event (seq) WHERE version = 1",
    ]


def sqlite_ddl() -> list[str]:
    """Return the statements that turn an empty SQLite file into an empty log."""
    create = str(CreateTable(EVENT_TABLE).compile(dialect=sqlite.dialect()))
    refuse = "BEGIN SELECT RAISE(ABORT, 'the event log is append-only'); END"
    return [
        create,
        *index_ddl(),
        f"CREATE TRIGGER event_no_update BEFORE UPDATE ON event {refuse}",
        f"CREATE TRIGGER event_no_delete BEFORE DELETE ON event {refuse}",
        f"PRAGMA application_id = {APPLICATION_ID}",
        f"PRAGMA user_version = {SCHEMA_VERSION}",
    ]
