"""Head anchor: a small file next to the log that remembers its last event.

A hash chain reveals any change inside the log, but a truncated log is a valid shorter log. The anchor is
written after the commit that it describes, so it may lag behind the log but never leads it. A writer creates
it before the first event, so a log with events but without an anchor was copied without it, or has lost it.
"""

import json
import os
import stat
from dataclasses import asdict, dataclass
from pathlib import Path

from .crash_points import crash_point
from .envelope import check_name
from .errors import LogUnreadable

_LONGEST = 4096  # bytes of an anchor


@dataclass(frozen=True, slots=True)
class Head:
    """Last event of the log when the anchor was written; seq 0 before the first. `hash` is in hexadecimal."""

    run: str
    seq: int
    hash: str


EMPTY = Head("", 0, "")
"""Anchor of a log without events."""


def head_path(log_path: Path) -> Path:
    """Return the path of the head anchor of a log."""
    return log_path.with_name(log_path.name + ".head")


def read_head(log_path: Path) -> Head | None:
    """Return the anchor, or None if there is none yet. Raise `LogUnreadable` if the file is invalid."""
    path = head_path(log_path)
    try:
        values = json.loads(_read(path))
        if set(values) != {"run", "seq", "hash"}:
            raise ValueError("its fields are not run, seq and hash")
        head = Head(**values)
        if type(head.seq) is not int or head.seq < 0 or not isinstance(head.hash, str):
            raise ValueError("a field has the wrong type")
        bytes.fromhex(head.hash)
        if head != EMPTY:
            check_name("run", head.run)
        return head
    except FileNotFoundError:
        return None
    except OSError as error:
        raise LogUnreadable(f"The head anchor {path} cannot be read: {error.strerror}.") from error
    except (ValueError, TypeError, RecursionError) as error:
        raise LogUnreadable(
            f"{path} is not a head anchor ({error}). If the log itself verifies, remove this file: "
            "the next writer creates it again."
        ) from error


def _read(path: Path) -> bytes:
    """Read the anchor. It is short; neither a pipe nor an endless file may stop the reader."""
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    try:
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            raise ValueError("not a file")
        return os.read(fd, _LONGEST)
    finally:
        os.close(fd)


def write_head(log_path: Path, head: Head) -> None:
    """Replace the anchor atomically. It is on the disk when this returns."""
    path = head_path(log_path)
    temporary = path.with_name(path.name + ".new")
    fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o644)
    try:
        os.write(fd, json.dumps(asdict(head)).encode())
        os.fsync(fd)
    finally:
        os.close(fd)
    crash_point("before-head")
    os.replace(temporary, path)
    crash_point("after-head")
