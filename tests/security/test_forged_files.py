"""A file to import may come from anybody: it is read whole and sound, or refused with its line.

Without these rules a file from a stranger could stop the program with a traceback, fill the memory, write
names into the log that a terminal or a path obeys, or make the log unreadable for good.
"""

import bz2
import gzip
import json
import lzma
import os
import threading
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from transfer_prompting.orchestration.lineage.import_run import bring_in
from transfer_prompting.storage import portable_lines
from transfer_prompting.storage.errors import BadFile
from transfer_prompting.storage.event import chain_hash, genesis
from transfer_prompting.storage.export_file import FORMAT, read_portable
from transfer_prompting.storage.layout import COLUMNS

NAMES = COLUMNS.split(", ")
DEPTH = 100_000


def forged(path: Path, *rows: dict[str, Any], run: str = "run-a", **head: object) -> Path:
    """Write an exported run whose chain is valid, although its rows have the given values."""
    previous, lines = genesis(run), []
    for number, values in enumerate(rows, 1):
        row = {
            "seq": number,
            "run": run,
            "version": number,
            "id": f"id-{number}",
            "kind": "call.requested",
            "schema": 1,
            "sender": "a/b",
            "recipients": "",
            "cause": None,
            "at": number,
            "data": "{}",
            **values,
        }
        try:
            data = row["data"].encode()
            previous = chain_hash(previous, (*[row[name] for name in NAMES[:10]], data))
        except (TypeError, AttributeError, UnicodeEncodeError):
            previous = sha256(previous).digest()
        lines.append({**row, "hash": previous.hex()})
    first = {"format": FORMAT, "run": run, "events": len(rows), "hash": previous.hex(), **head}
    path.write_text("".join(json.dumps(line) + "\n" for line in (first, *lines)))
    return path


def test_the_forgery_is_valid(tmp_path: Path) -> None:
    """The files of this page are refused for nothing but the forged values."""
    found = read_portable(forged(tmp_path / "run.jsonl", {}, {"data": '{"deep": [[[]]]}'}))
    assert len(found.events) == 2


VALUES: dict[str, dict[str, Any]] = {
    "schema": {"schema": 2**70},
    "negative schema": {"schema": -1},
    "seq": {"seq": 2**64},
    "no seq": {"seq": 0},
    "at": {"at": 2**62},
    "before 1970": {"at": -1},
    "version": {"version": 2**63},
    "a fraction": {"at": 1.5},
    "infinity": {"at": float("inf")},
    "not a number": {"schema": float("nan")},
    "a truth": {"seq": True},
    "escape": {"sender": "\x1b]52;c;ZXZpbA==\x07"},
    "control": {"kind": "call\x9b31m"},
    "direction": {"recipients": "a/b \u202ec/d"},
    "path": {"sender": "../../../etc/cron.d/x"},
    "absolute path": {"sender": "/etc/passwd"},
    "blank": {"id": "a b"},
    "NUL": {"id": "a\0"},
    "half a character": {"id": "\ud800"},
    "half a character in the data": {"data": '{"a": "\ud800"}'},
    "long": {"id": "x" * 10_000},
    "markup": {"cause": "<img src=x onerror=alert(1)>"},
    "no name": {"kind": ""},
    "no JSON": {"data": "hello"},
    "no object": {"data": "[]"},
    "deep data": {"data": "[" * DEPTH + "]" * DEPTH},
    "deep record": {"kind": "event.redacted", "data": '{"event":' * DEPTH},
    "long number": {"data": '{"n": ' + "9" * 10_000 + "}"},
}


@pytest.mark.parametrize("kind", VALUES)
async def test_values(tmp_path: Path, kind: str) -> None:
    """A value that no event can have is refused with its line; nothing of it can steer a terminal."""
    path = forged(tmp_path / "run.jsonl", {}, VALUES[kind])
    with pytest.raises(BadFile, match=r"run\.jsonl:3: ") as refused:
        await bring_in(path, tmp_path / "log.db")
    assert str(refused.value).isprintable()
    assert len(str(refused.value)) < 600
    assert not (tmp_path / "log.db").exists()


@pytest.mark.parametrize("run", ["../../x", "\x1b[2J", "a b", "", ".", "/tmp/x", "x" * 300, "a\u2066b"])
def test_names_of_runs(tmp_path: Path, run: str) -> None:
    """A run whose name could be a path or an escape sequence is refused in the first line."""
    with pytest.raises(BadFile, match=r"run\.jsonl:1: run = ") as refused:
        read_portable(forged(tmp_path / "run.jsonl", {}, run=run))
    assert str(refused.value).isprintable()


HEADS: dict[str, dict[str, Any]] = {
    "text": {"events": "\x1b[2J"},
    "huge": {"events": 2**70},
    "none": {"events": None},
    "hash": {"hash": "\x1b[2J"},
    "no hash": {"hash": None},
}


@pytest.mark.parametrize("kind", HEADS)
def test_first_lines(tmp_path: Path, kind: str) -> None:
    """A first line with invalid values is refused, and they are not printed."""
    with pytest.raises(BadFile, match=r"run\.jsonl") as refused:
        read_portable(forged(tmp_path / "run.jsonl", {}, **HEADS[kind]))
    assert str(refused.value).isprintable()


def _line(text: bytes) -> Callable[[Path], None]:
    def add(path: Path) -> None:
        with path.open("ab") as file:
            file.write(text + b"\n")

    return add


LINES: dict[str, bytes] = {
    "deep list": b"[" * DEPTH,
    "deep objects": b'{"a":' * DEPTH,
    "deep in a field": b'{"seq": ' + b"[" * DEPTH + b"]" * DEPTH + b"}",
    "many lists": b'{"seq": [' + b"[]," * DEPTH + b"[]]}",
    "names": json.dumps({"\x1b[2J" * 50: 1, "\u202e": 2}).encode(),
    "no text": b"\xff\xfe\x00",
    "long number": b'{"seq": ' + b"9" * 10_000 + b"}",
    "unclosed": b'{"seq": "' + b"\\" * 9_999,
    "nothing": b"",
}


@pytest.mark.parametrize("kind", LINES)
def test_lines(tmp_path: Path, kind: str) -> None:
    """A line that is deep, wide, no text or no JSON is refused with its number, without a traceback."""
    path = forged(tmp_path / "run.jsonl", {}, events=2)
    _line(LINES[kind])(path)
    with pytest.raises(BadFile, match=r"run\.jsonl:3: ") as refused:
        read_portable(path)
    assert str(refused.value).isprintable()
    assert len(str(refused.value)) < 600


def test_a_first_line_that_is_deep(tmp_path: Path) -> None:
    """A file that begins with a deep value is refused."""
    path = tmp_path / "run.jsonl"
    path.write_bytes(b"[" * DEPTH)
    with pytest.raises(BadFile, match=r"run\.jsonl:1: "):
        read_portable(path)


def test_a_long_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A line is read up to a limit."""
    path = forged(tmp_path / "run.jsonl", {"data": json.dumps({"text": "x" * 3000})})
    assert read_portable(path).run == "run-a"
    monkeypatch.setattr(portable_lines, "_LONGEST_LINE", 2000)
    with pytest.raises(BadFile, match=r"run\.jsonl:2: the line or the file is too long"):
        read_portable(path)


def test_a_long_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file is read up to a limit."""
    path = forged(tmp_path / "run.jsonl", *({} for _ in range(50)))
    monkeypatch.setattr(portable_lines, "_LONGEST_FILE", 2000)
    with pytest.raises(BadFile, match="too long for an exported run"):
        read_portable(path)


def test_an_endless_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """A device without an end is refused."""
    monkeypatch.setattr(portable_lines, "_LONGEST_LINE", 100_000)
    with pytest.raises(BadFile, match="/dev/zero:1: "):
        read_portable(Path("/dev/zero"))


def test_more_events_than_announced(tmp_path: Path) -> None:
    """Reading stops at the first line that is not announced, so a pipe without an end is refused."""
    path = tmp_path / "pipe"
    os.mkfifo(path)
    lines = forged(tmp_path / "run.jsonl", {}).read_text().splitlines(keepends=True)

    def write() -> None:
        try:
            with path.open("w") as pipe:
                pipe.write(lines[0])
                while True:
                    pipe.write(lines[1])
        except BrokenPipeError:
            pass

    writer = threading.Thread(target=write)
    writer.start()
    with pytest.raises(BadFile, match=r"pipe:3: the first line announces 1 events"):
        read_portable(path)
    writer.join()


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
def test_compressed(tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    """A compressed file is not unpacked, however little of it there is; the message says what to do."""
    path = tmp_path / "run.jsonl.gz"
    path.write_bytes(pack(bytes(10_000_000)))
    with pytest.raises(BadFile, match=r"is compressed\. Unpack it"):
        read_portable(path)


def test_no_file(tmp_path: Path) -> None:
    """A folder, or a path with NUL, is refused by name."""
    with pytest.raises(BadFile, match="cannot be read"):
        read_portable(tmp_path)
    with pytest.raises(BadFile, match="cannot be read"):
        read_portable(Path("a\0b"))
