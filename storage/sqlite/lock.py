"""One writer a log: an operating-system lock, which the kernel drops even when the holder is killed."""

import fcntl
import os
from pathlib import Path

from ..errors import LogBusy


class WriterLock:
    """Holds `<log>.lock` from `acquire` to `release`; the file tells the holder's pid."""

    def __init__(self, log_path: Path) -> None:
        self._log_path = log_path
        self._path = log_path.with_name(log_path.name + ".lock")
        self._fd: int | None = None

    def acquire(self) -> None:
        """Take the lock or raise `LogBusy` at once, naming the process that has it."""
        fd = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            text = os.read(fd, 32).decode(errors="replace").strip()
            os.close(fd)
            raise LogBusy(str(self._log_path), int(text) if text.isdigit() else None) from None
        os.ftruncate(fd, 0)
        os.pwrite(fd, f"{os.getpid()}\n".encode(), 0)
        self._fd = fd

    def release(self) -> None:
        """Give the lock back. The file stays: removing it would let two writers hold "the" lock."""
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None
