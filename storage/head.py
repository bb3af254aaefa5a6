"""The head anchor: a small file beside the log that remembers its last event.

A chain of hashes finds any change inside the log, but a log cut off at the end is a valid shorter log.
The anchor is written after the commit it describes, so it may lag behind the log and never leads it.
"""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from .crash_points import crash_point
from .errors import LogUnreadable


@dataclass(frozen=True, slots=True)
class Head:
    """The last event of the log when the anchor was written; `hash` in hexadecimal."""

    run: str
    seq: int
    hash: str


def head_path(log_path: Path) -> Path:
    """Where the anchor of a log lies."""
    return log_path.with_name(log_path.name + ".head")


def read_head(log_path: Path) -> Head | None:
    """The anchor, or None where there is none yet. Raises `LogUnreadable` on nonsense."""
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
            "it is written again."
        ) from error


def write_head(log_path: Path, head: Head) -> None:
    """Replace the anchor in one step, on the disk before it returns."""
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
