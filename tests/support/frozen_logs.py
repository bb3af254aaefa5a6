"""Logs and message shapes written by released versions, and functions to read them."""

import gzip
import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from transfer_prompting.agents.messages import Message
from transfer_prompting.storage.event import Event
from transfer_prompting.storage.layout import COLUMNS, INSERT
from transfer_prompting.storage.schema import sqlite_ddl
from transfer_prompting.storage.sqlite.reader import LogReader

FROZEN = Path(__file__).parents[1] / "frozen"
SHAPES = FROZEN / "shapes.json"
"""Every shape that a message has ever had, by kind and schema."""
RUN = "tiny-0001"
VERSIONS = sorted(path.name for path in FROZEN.glob("v*"))
RUNS = sorted(
    (path.parent.name, path.name.partition(".")[0])
    for path in FROZEN.glob("v*/*.jsonl*")
    if not path.name.startswith("messages")
)
"""Version and name of each recorded run. v2 has one with failed calls and a control, one that was judged, and
one that was cut off; v3 has examples of ordinary jobs.
"""
_NAMES = COLUMNS.split(", ")


def shape(cls: type[Message]) -> dict[str, Any]:
    """Return what decides how the class is stored: its JSON schema without descriptions.

    The order of the fields counts, because a run is re-enacted byte for byte.
    """
    schema: dict[str, Any] = _without_words(cls.model_json_schema())
    return {"order": list(cls.model_fields), **schema}


def _without_words(value: Any) -> Any:
    if isinstance(value, list):
        return [_without_words(item) for item in value]
    if isinstance(value, dict):
        said = ("title", "description")
        return {k: _without_words(v) for k, v in value.items() if not (k in said and isinstance(v, str))}
    return value


def shapes() -> dict[str, dict[str, Any]]:
    """Return the recorded shapes."""
    found: dict[str, dict[str, Any]] = json.loads(SHAPES.read_text()) if SHAPES.exists() else {}
    return found


def samples(version: str) -> list[Event]:
    """Yield the recorded messages of a version, a few of each kind, as events without a run."""
    path = FROZEN / version / "messages.jsonl"
    lines = path.read_text().splitlines() if path.exists() else []
    return [_sample(n, json.loads(line)) for n, line in enumerate(lines, 1)]


def _sample(n: int, line: dict[str, Any]) -> Event:
    data = line["data"].encode()
    return Event(n, "samples", n, f"s{n}", line["kind"], line["schema"], "a/main", (), None, 0, data, b"")


def export_run(log: Path, run: str) -> Iterator[str]:
    """Return the rows of a run as JSON lines: payloads as strings, which keep their bytes, hashes in hex."""
    with sqlite3.connect(f"file:{log}?mode=ro", uri=True) as db:
        for row in db.execute(f"SELECT {COLUMNS} FROM event WHERE run = ? ORDER BY seq", (run,)):
            line = dict(zip(_NAMES, row, strict=True))
            yield json.dumps({**line, "data": line["data"].decode(), "hash": line["hash"].hex()})
    db.close()


def stored_lines(version: str, name: str = "run") -> list[str]:
    """Return the rows of the run `name` that a version wrote, as lines of JSON."""
    plain = FROZEN / version / f"{name}.jsonl"
    if plain.exists():
        return plain.read_text().splitlines()
    return gzip.decompress((FROZEN / version / f"{name}.jsonl.gz").read_bytes()).decode().splitlines()


def import_run(version: str, log: Path, name: str = "run") -> int:
    """Make a log at `log` from the rows that a version wrote, hashes included; return their number."""
    rows = []
    for text in stored_lines(version, name):
        line = json.loads(text)
        line |= {"data": line["data"].encode(), "hash": bytes.fromhex(line["hash"])}
        rows.append([line[name] for name in _NAMES])
    db = sqlite3.connect(log)
    for statement in sqlite_ddl():
        db.execute(statement)
    db.executemany(INSERT, rows)
    db.commit()
    db.close()
    return len(rows)


def frozen_events(version: str, folder: Path) -> list[Event]:
    """Return the events of the recorded run of a version. The log is made in `folder`."""
    import_run(version, folder / "log.db")
    with LogReader(folder / "log.db") as reader:
        return list(reader.read(RUN))
