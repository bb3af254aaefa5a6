"""A log may come from anybody: opening it waits for nothing, and reading it prints nothing as it is.

Without these rules the file of a stranger could hang the reader, end it with a traceback, or pass escape
sequences to the terminal through its head anchor.
"""

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from transfer_prompting.storage.errors import LogUnreadable
from transfer_prompting.storage.head import head_path
from transfer_prompting.storage.layout import APPLICATION_ID, COLUMNS
from transfer_prompting.storage.log import EventLog
from transfer_prompting.storage.opening import open_reader

ENDLESS = (
    "CREATE VIEW event AS WITH RECURSIVE n(seq) AS (SELECT 1 UNION ALL SELECT seq + 1 FROM n)"
    " SELECT seq, 'r' run, seq version, 'i' id, 'k' kind, 1 schema, 's' sender, '' recipients, NULL cause,"
    " 1 at, x'7b7d' data, x'00' hash FROM n"
)
ANY_TYPE = (
    f"CREATE TABLE event ({COLUMNS}); INSERT INTO event VALUES (1, 2, 'x', x'00', 4, 5, 6, 7, 8, 9, 10, 11)"
)


@pytest.mark.parametrize("statements", [ENDLESS, ANY_TYPE], ids=["endless view", "any type"])
def test_tables_of_strangers(tmp_path: Path, statements: str) -> None:
    """A file whose events are a view, or have values of any type, is refused as it is opened."""
    path = tmp_path / "log.db"
    with closing(sqlite3.connect(path)) as db:
        db.executescript(f"{statements}; PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = 1")
    open_log: list[Callable[[], object]] = [lambda: open_reader(path), lambda: EventLog(path, lambda: 1)]
    for open_it in open_log:
        with pytest.raises(LogUnreadable, match="did not create"):
            open_it()


HEADS: dict[str, object] = {
    "escape": {"run": "\x1b]52;c;x\x07", "seq": 1, "hash": "00"},
    "path": {"run": "../../x", "seq": 1, "hash": "00"},
    "hash": {"run": "run-a", "seq": 1, "hash": "\x1b[2J"},
    "negative": {"run": "run-a", "seq": -1, "hash": "00"},
    "truth": {"run": "run-a", "seq": True, "hash": "00"},
    "names": {"\x1b[2J": 1},
}


@pytest.mark.parametrize("kind", [*HEADS, "deep"])
async def test_head_anchors(tmp_path: Path, kind: str) -> None:
    """An anchor with values that no event has is refused, and none of them is printed."""
    path = tmp_path / "log.db"
    await (await EventLog.open(path)).close()
    head_path(path).write_text(json.dumps(HEADS[kind]) if kind in HEADS else "[" * 4000)
    with open_reader(path) as reader, pytest.raises(LogUnreadable, match="head anchor") as refused:
        reader.head()
    assert str(refused.value).isprintable()
