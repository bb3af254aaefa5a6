"""Notification of writes to a log by inotify, so that following a silent run costs next to nothing.

The package watchfiles offers the same for every system, but its thread wakes at every step of a few
milliseconds. At a latency like this one it takes five times the processor time while nothing is written.
"""

import asyncio
import ctypes
import os
import struct
import sys
from pathlib import Path

_FLAGS = os.O_NONBLOCK | os.O_CLOEXEC if sys.platform == "linux" else 0
_MODIFY, _MOVED_TO, _CREATE = 0x2, 0x80, 0x100
_HEADER = struct.Struct("iIII")


class FileWatch:
    """Watch for writes to files whose names begin with that of the log. Needs a running event loop.

    The folder is watched instead of a file, since the write-ahead log comes and goes. Without inotify, or
    if the system has no watch left, `wait` always runs into its time limit.
    """

    def __init__(self, path: Path) -> None:
        self._name = os.fsencode(path.name)
        self._written = asyncio.Event()
        self._descriptor = _open(path.absolute().parent)
        if self._descriptor is not None:
            self._loop = asyncio.get_running_loop()
            self._loop.add_reader(self._descriptor, self._read)

    def close(self) -> None:
        """Stop watching."""
        if self._descriptor is not None:
            self._loop.remove_reader(self._descriptor)
            os.close(self._descriptor)
            self._descriptor = None

    async def wait(self, seconds: float) -> bool:
        """Return True after a write since the last call, and False if `seconds` pass without one."""
        try:
            async with asyncio.timeout(seconds):
                await self._written.wait()
        except TimeoutError:
            return False
        self._written.clear()
        return True

    def _read(self) -> None:
        assert self._descriptor is not None
        records, at = os.read(self._descriptor, 65_536), 0
        while at < len(records):
            length = _HEADER.unpack_from(records, at)[3]
            at += _HEADER.size
            if records.startswith(self._name, at):
                self._written.set()
            at += length


def _open(folder: Path) -> int | None:
    """Return a descriptor that becomes readable after writes in `folder`; None without inotify."""
    if sys.platform != "linux":
        return None
    libc = ctypes.CDLL(None)
    descriptor = int(libc.inotify_init1(_FLAGS))
    if descriptor < 0:
        return None
    if libc.inotify_add_watch(descriptor, os.fsencode(folder), _MODIFY | _MOVED_TO | _CREATE) < 0:
        os.close(descriptor)
        return None
    return descriptor
