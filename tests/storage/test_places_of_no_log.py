"""Places that cannot hold a log are refused with their name and the reason, and never block."""

import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest
from log_making import draft, events, open_log, write

from transfer_prompting.storage.errors import LogNotFound, LogUnreadable
from transfer_prompting.storage.head import head_path
from transfer_prompting.storage.opening import open_reader
from transfer_prompting.storage.sqlite.reader import LogReader


def _folder(path: Path) -> Path:
    path.mkdir()
    return path


def _pipe(path: Path) -> Path:
    os.mkfifo(path)
    return path


def _socket(path: Path) -> Path:
    with socket.socket(socket.AF_UNIX) as one:
        one.bind(os.path.relpath(path))
    return path


def _loop(path: Path) -> Path:
    path.symlink_to(path)
    return path


PLACES: dict[str, tuple[Callable[[Path], Path], str]] = {
    "nothing": (lambda _: Path(""), "is a folder"),
    "folder": (_folder, "is a folder, not a log"),
    "pipe": (_pipe, "is a named pipe"),
    "socket": (_socket, "is a socket"),
    "device": (lambda _: Path("/dev/null"), "is a device"),
    "loop": (_loop, "cannot be opened as a log"),
    "long name": (lambda path: path.with_name("x" * 300), "cannot be opened as a log"),
    "NUL": (lambda path: path.with_name("a\0b"), "cannot be opened as a log"),
}


@pytest.mark.parametrize("kind", PLACES)
def test_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    """Reader and writer refuse the place without waiting for it, and leave nothing there."""
    monkeypatch.chdir(tmp_path)
    make, message = PLACES[kind]
    path = make(tmp_path / "thing")
    before = sorted(tmp_path.iterdir())
    for open_it in (LogReader, open_log):
        with pytest.raises(LogUnreadable, match=message) as refused:
            open_it(path)
        assert "\0" not in str(refused.value)
    assert sorted(tmp_path.iterdir()) == before


def test_an_empty_name() -> None:
    """An empty name is that of the current folder, and no log."""
    with pytest.raises(LogUnreadable, match="is a folder"):
        open_reader("")


def test_below_a_file(tmp_path: Path) -> None:
    """A path that leads through a file names no log, and none can be created there."""
    (tmp_path / "file").touch()
    with pytest.raises((LogNotFound, LogUnreadable), match="log"):
        LogReader(tmp_path / "file" / "log.db")
    with pytest.raises(LogUnreadable, match=r"cannot be opened|cannot be created"):
        open_log(tmp_path / "file" / "log.db")


def test_a_folder_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A log in a read-only folder can be read; a writer says why it cannot be written."""
    path = tmp_path / "log.db"
    write(path, draft(1))
    opening = os.open

    def read_only(name: str, flags: int, *mode: int) -> int:
        if flags & os.O_CREAT:
            raise OSError(30, "Read-only file system", name)
        return opening(name, flags, *mode)

    monkeypatch.setattr("os.open", read_only)
    assert len(events(path)) == 1
    with pytest.raises(LogUnreadable, match=r"cannot be written.*Read-only file system.*--log"):
        open_log(path)


def test_a_folder_that_cannot_be_created(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A writer that may not create the folder of the log says so."""

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "mkdir", refuse)
    with pytest.raises(LogUnreadable, match=r"cannot be created: Permission denied"):
        open_log(tmp_path / "none" / "log.db")


@pytest.mark.parametrize("kind", ["folder", "pipe", "endless"])
def test_anchors_that_are_no_files(tmp_path: Path, kind: str) -> None:
    """An anchor that is a folder, a pipe or endless is refused and blocks nobody."""
    path = tmp_path / "log.db"
    write(path, draft(1))
    head = head_path(path)
    head.unlink()
    if kind == "folder":
        head.mkdir()
    elif kind == "pipe":
        os.mkfifo(head)
    else:
        head.symlink_to("/dev/zero")
    with LogReader(path) as reader, pytest.raises(LogUnreadable, match="head"):
        reader.verify("run-a")
    with pytest.raises(LogUnreadable, match="head"):
        open_log(path)
