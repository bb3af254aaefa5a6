"""Path of a log's file: real, regular, and the only name of the file."""

import os
import stat
from contextlib import suppress
from pathlib import Path

from ..errors import LogUnreadable

_ENDINGS = ("", "-wal", "-shm", ".head", ".lock")
"""Endings of the names of all files that belong to a log."""
_KINDS = (
    (stat.S_ISDIR, "is a folder, not a log. Name the file in it."),
    (stat.S_ISFIFO, "is a named pipe, not a log. Name a file."),
    (stat.S_ISSOCK, "is a socket, not a log. Name a file."),
    (lambda mode: not stat.S_ISREG(mode), "is a device, not a log. Name a file."),
)


def log_file(path: Path) -> Path:
    """Return the path of the log without symbolic links; there need not be a file yet.

    The lock, the head anchor and the write-ahead log have the name of the log with a suffix, so a file
    must be known under one name only. Raise `LogUnreadable` if the path cannot be that of a log: a folder,
    a device, or a file with several names (hard links).
    """
    try:
        real = Path(os.path.realpath(path))
        found = os.stat(real)
    except FileNotFoundError:
        return real
    except (OSError, ValueError) as error:
        raise LogUnreadable(f"{_shown(path)} cannot be opened as a log: {reason(error)}.") from error
    for is_kind, problem in _KINDS:
        if is_kind(found.st_mode):
            raise LogUnreadable(f"{_shown(path)} {problem}")
    # Some file systems count no links and report 0.
    if found.st_nlink > 1:
        raise LogUnreadable(
            f"{_shown(path)} has {found.st_nlink} names (hard links), but a log must have one: under another "
            "name its lock and its latest events are not found. Make a copy of the file and use that, or "
            "remove the other names."
        )
    return real


def make_folder(path: Path) -> None:
    """Create the folder of the log at `path` if there is none. Raise `LogUnreadable` if that fails."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as error:
        raise LogUnreadable(
            f"The folder of the log {_shown(path)} cannot be created: {reason(error)}. Name another place "
            "(--log)."
        ) from error


def remove_files(path: Path) -> None:
    """Remove a log with all files that belong to it, and its folder if that is empty then."""
    for ending in _ENDINGS:
        path.with_name(path.name + ending).unlink(missing_ok=True)
    with suppress(OSError):
        path.parent.rmdir()


def reason(error: OSError | ValueError) -> str:
    """Return the reason of an error without the path, which the message names already."""
    return (error.strerror if isinstance(error, OSError) else None) or str(error)


def _shown(path: Path) -> str:
    return str(path).replace("\0", "\\0")
