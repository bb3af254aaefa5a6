"""Deleted rows leave no bytes in the file of the read models."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from log_making import draft, events, write
from sqlalchemy import Engine, event
from sqlmodel import Field, SQLModel

from transfer_prompting.storage.event import Event
from transfer_prompting.storage.row_buffer import RowBuffer
from transfer_prompting.storage.views import Views

SECRET = b"a name that must not stay"


class PayloadRow(SQLModel, table=True):
    """The payload of each event."""

    __tablename__ = "payload_of_a_test"

    run: str = Field(primary_key=True)
    seq: int = Field(primary_key=True)
    text: str = ""


def fold(rows: RowBuffer, said: Event) -> None:
    rows.add(PayloadRow, said.run, said.seq)["text"] = said.data.decode()


@pytest.fixture(autouse=True)
def careless() -> Iterator[None]:
    """Make SQLite keep deleted bytes by default, since some builds overwrite them."""

    def careless(db: Any, _: object) -> None:
        db.execute("PRAGMA secure_delete = OFF")

    event.listen(Engine, "connect", careless)
    yield
    event.remove(Engine, "connect", careless)


def test_forgotten_rows_are_overwritten(tmp_path: Path) -> None:
    """After a run is forgotten, no byte of its rows is left in the file."""
    write(tmp_path / "log.db", draft(1), draft(2, data=SECRET))
    path = tmp_path / "views.db"
    with closing(Views(path, (PayloadRow,), fold, 1)) as views:
        views.feed(events(tmp_path / "log.db"))
    assert SECRET in path.read_bytes()
    with closing(Views(path, (PayloadRow,), fold, 1)) as views:
        views.forget("run-a")
    assert SECRET not in path.read_bytes()


def test_dropped_tables_are_overwritten(tmp_path: Path) -> None:
    """After the tables are rebuilt in another version, no byte of the old rows is left."""
    write(tmp_path / "log.db", draft(1, data=SECRET))
    path = tmp_path / "views.db"
    with closing(Views(path, (PayloadRow,), fold, 1)) as views:
        views.feed(events(tmp_path / "log.db"))
    Views(path, (PayloadRow,), fold, 2).close()
    assert SECRET not in path.read_bytes()
