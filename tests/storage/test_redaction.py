"""Blanked data are valid only if their digest is recorded; otherwise they are damage."""

import json
from hashlib import sha256
from pathlib import Path

import pytest
from log_making import draft, events, hurt, write

from transfer_prompting.storage.errors import LogDamaged
from transfer_prompting.storage.redaction import RECORD, blank
from transfer_prompting.storage.sqlite.reader import LogReader

SECRET = b'{"name": "Ada"}'


def _log(folder: Path, event: str = "run-a/2", digest: str = sha256(SECRET).hexdigest()) -> Path:
    record = json.dumps({"event": event, "sha256": digest}).encode()
    path = folder / "log.db"
    write(
        path,
        draft(1),
        draft(2, data=SECRET, cause="run-a/1"),
        draft(3, data=SECRET),
        draft(4, data=record)._replace(kind=RECORD),
    )
    return path


def _verify(path: Path) -> int:
    with LogReader(path) as reader:
        return reader.verify("run-a")


@pytest.mark.parametrize("blanked", [False, True])
def test_recorded(tmp_path: Path, blanked: bool) -> None:
    """A row with a recorded digest is valid before and after it is blanked."""
    path = _log(tmp_path)
    if blanked:
        blank(path, "run-a", 2)
        assert events(path)[1].data == b""
    assert _verify(path) == 4


@pytest.mark.parametrize(
    ("event", "digest"),
    [("run-a/1", sha256(SECRET).hexdigest()), ("run-a/2", sha256(b"{}").hexdigest()), ("run-a/2", "no hex")],
)
def test_recorded_wrongly(tmp_path: Path, event: str, digest: str) -> None:
    """A record of another event, of other data or without meaning does not validate a blanked row."""
    path = _log(tmp_path, event, digest)
    blank(path, "run-a", 2)
    with pytest.raises(LogDamaged, match="seq 2"):
        _verify(path)


def test_not_recorded(tmp_path: Path) -> None:
    """A blanked row without a record is damage at its seq."""
    path = _log(tmp_path)
    blank(path, "run-a", 3)
    with pytest.raises(LogDamaged, match="seq 3"):
        _verify(path)


@pytest.mark.parametrize("change", ["data = x'00'", "sender = 'x'", "at = at + 1", "cause = NULL"])
def test_other_changes(tmp_path: Path, change: str) -> None:
    """A record covers the blanked data and no other change of the row."""
    path = _log(tmp_path)
    blank(path, "run-a", 2)
    hurt(path, f"UPDATE event SET {change} WHERE seq = 2")
    with pytest.raises(LogDamaged, match="seq 2"):
        _verify(path)
