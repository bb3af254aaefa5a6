"""Being told by the system that a log was written, so that a watcher of a silent run costs nothing."""

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
    """Tells within an event loop when a file whose name begins with that of the log was written.

    It asks inotify for the folder, since the write-ahead log comes and goes. Where the system has no
    inotify, or has no watch left to give, only the time-out of `wait` ends the waiting.
    """

    def __init__(self, path: Path) -> None:
        self._name = os.fsencode(path.name)
        self._written = asyncio.Event()
        self._file = _open(path.absolute().parent)
        if self._file is not None:
            self._loop = asyncio.get_running_loop()
            self._loop.add_reader(self._file, self._take)

    def close(self) -> None:
        """Hear no more."""
        if self._file is not None:
            self._loop.remove_reader(self._file)
            os.close(self._file)
            self._file = None

    async def wait(self, seconds: float) -> bool:
        """Return True once something was written since the last time, False when the time is up."""
        try:
            async with asyncio.timeout(seconds):
                await self._written.wait()
        except TimeoutError:
            return False
        self._written.clear()
        return True

    def _take(self) -> None:
        assert self._file is not None
        told, at = os.read(self._file, 65_536), 0
        while at < len(told):
            length = _HEADER.unpack_from(told, at)[3]
            at += _HEADER.size
            if told.startswith(self._name, at):
                self._written.set()
            at += length


def _open(folder: Path) -> int | None:
    """A descriptor that becomes readable when something in `folder` is written; None where there is none."""
    if sys.platform != "linux":
        return None
    libc = ctypes.CDLL(None)
    file = int(libc.inotify_init1(_FLAGS))
    if file < 0:
        return None
    if libc.inotify_add_watch(file, os.fsencode(folder), _MODIFY | _MOVED_TO | _CREATE) < 0:
        os.close(file)
        return None
    return file
