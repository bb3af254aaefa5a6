"""An exported file is refused unless it is, row by row, the exported run."""

import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from log_making import draft, events, write

from transfer_prompting.storage.errors import BadFile
from transfer_prompting.storage.export_file import export, read_portable
from transfer_prompting.storage.sqlite.reader import LogReader

Lines = list[str]


def _exported(folder: Path) -> Path:
    log = folder / "log.db"
    write(log, draft(0, "run-b"), *(draft(n, data=b'{"n": "\xc3\xa9"}') for n in range(5)))
    with LogReader(log) as reader:
        assert export(reader, "run-a", folder / "run.jsonl") == 5
    return folder / "run.jsonl"


def _changed(line: str, **values: object) -> str:
    return json.dumps({**json.loads(line), **values}) + "\n"


def test_read_back(tmp_path: Path) -> None:
    """The events read back equal the exported ones, including seqs, times and hashes."""
    found = read_portable(_exported(tmp_path))
    there = events(tmp_path / "log.db")
    assert found.run == "run-a"
    assert list(found.events) == there
    assert found.hash == there[-1].hash


HARM: dict[str, Callable[[Lines], Lines]] = {
    "empty": lambda _: [],
    "only the head": lambda lines: lines[:1],
    "no head": lambda lines: lines[1:],
    "cut off": lambda lines: lines[:-1],
    "cut within a line": lambda lines: [*lines[:-1], lines[-1][:40]],
    "a row left out": lambda lines: [*lines[:2], *lines[3:]],
    "two rows swapped": lambda lines: [*lines[:2], lines[3], lines[2], *lines[4:]],
    "a row twice": lambda lines: [*lines, lines[-1]],
    "other data": lambda lines: [*lines[:2], _changed(lines[2], data="{}"), *lines[3:]],
    "blanked": lambda lines: [*lines[:2], _changed(lines[2], data=""), *lines[3:]],
    "another time": lambda lines: [*lines[:2], _changed(lines[2], at=77), *lines[3:]],
    "another run": lambda lines: [_changed(lines[0], run="run-c"), *lines[1:]],
    "another count": lambda lines: [_changed(lines[0], events=4), *lines[1:]],
    "another hash": lambda lines: [_changed(lines[0], hash="00"), *lines[1:]],
    "a later format": lambda lines: [_changed(lines[0], format="transfer-prompting/run/9"), *lines[1:]],
    "a number as text": lambda lines: [*lines[:2], _changed(lines[2], at="77"), *lines[3:]],
    "no hexadecimal": lambda lines: [*lines[:2], _changed(lines[2], hash="xyz"), *lines[3:]],
    "one more field": lambda lines: [*lines[:2], _changed(lines[2], colour="red"), *lines[3:]],
    "no object": lambda lines: [*lines[:2], "[]\n", *lines[3:]],
}


@pytest.mark.parametrize("harm", HARM)
def test_harmed(tmp_path: Path, harm: str) -> None:
    """A file that was changed, truncated or reordered is refused by name."""
    path = _exported(tmp_path)
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(HARM[harm](lines)), encoding="utf-8")
    with pytest.raises(BadFile, match=r"run\.jsonl"):
        read_portable(path)


def test_the_line_is_named(tmp_path: Path) -> None:
    """The error of a changed row names its line in the file."""
    path = _exported(tmp_path)
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(HARM["other data"](lines)), encoding="utf-8")
    with pytest.raises(BadFile, match=r"run\.jsonl:3: .*seq 3"):
        read_portable(path)


@settings(deadline=None, database=None, max_examples=60)
@given(data=st.data())
def test_any_changed_byte(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    """A file with any changed byte is refused or still has the same contents."""
    path = _exported(tmp_path_factory.mktemp("portable"))
    raw = bytearray(path.read_bytes())
    sound = read_portable(path)
    raw[data.draw(st.integers(0, len(raw) - 1))] ^= data.draw(st.integers(1, 255))
    path.write_bytes(raw)
    with suppress(BadFile):
        assert read_portable(path) == sound


def test_no_such_file(tmp_path: Path) -> None:
    """The error of a missing file names the command that writes one."""
    with pytest.raises(BadFile, match="tp export"):
        read_portable(tmp_path / "none.jsonl")


def test_never_over_a_file(tmp_path: Path) -> None:
    """An existing file is never overwritten, and a missing folder is reported."""
    path = _exported(tmp_path)
    with LogReader(tmp_path / "log.db") as reader:
        with pytest.raises(BadFile, match="already exists"):
            export(reader, "run-a", path)
        with pytest.raises(BadFile, match="cannot be written"):
            export(reader, "run-a", tmp_path / "none" / "run.jsonl")
