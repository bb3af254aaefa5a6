"""Head anchor: a small file next to the log that remembers its last event.

A hash chain reveals any change inside the log, but a truncated log is a valid shorter log. The anchor is
written after the commit that it describes, so it may lag behind the log but never leads it.
"""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from .crash_points import crash_point
from .errors import LogUnreadable


@dataclass(frozen=True, slots=True)
class Head:
    """Last event of the log when the anchor was written. `hash` is in hexadecimal."""

    run: str
    seq: int
    hash: str


def head_path(log_path: Path) -> Path:
    """Return the path of the head anchor of a log."""
    return log_path.with_name(log_path.name + ".head")


def read_head(log_path: Path) -> Head | None:
    """Return the anchor, or None if there is none yet. Raise `LogUnreadable` if the file is invalid."""
    path = head_path(log_path)
    try:
        head = Head(**json.loads(path.read_text()))
        if not (isinstance(head.run, str) and isinstance(head.seq, int) and isinstance(head.hash, str)):
            raise ValueError("a field has the wrong type")
        return head
    except FileNotFoundError:
        return None
    except (ValueError, TypeError) as error:
        raise LogUnreadable(
            f"{path} is not a head anchor ({error}). If the log itself verifies, remove this file: "
            "the next writer creates it again."
        ) from error


def write_head(log_path: Path, head: Head) -> None:
    """Replace the anchor atomically. It is on the disk when this returns."""
    path = head_path(log_path)
    temporary = path.with_name(path.name + ".new")
    fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
    try:
        os.write(fd, json.dumps(asdict(head)).encode())
        os.fsync(fd)
    finally:
        os.close(fd)
    crash_point("before-head")
    os.replace(temporary, path)
    crash_point("after-head")
