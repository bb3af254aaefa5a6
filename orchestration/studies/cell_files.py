"""The files of cells that have been merged into the log of their study."""

from contextlib import suppress
from pathlib import Path

_SUFFIXES = ("", "-wal", "-shm", ".head", ".lock")
"""Endings of the files that belong to a log."""


def remove_log(path: Path) -> None:
    """Remove a log with all files that belong to it, and its folder if that is empty then."""
    for suffix in _SUFFIXES:
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    with suppress(OSError):
        path.parent.rmdir()
