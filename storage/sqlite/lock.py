"""Writer lock of a log: an advisory lock, which the kernel releases even if its holder is killed."""

import fcntl
import os
from pathlib import Path

from ..errors import LogBusy


class WriterLock:
    """Advisory lock on the file `<log>.lock`, which contains the pid of its holder."""

    def __init__(self, log_path: Path) -> None:
        self._log_path = log_path
        self._path = log_path.with_name(log_path.name + ".lock")
        self._fd: int | None = None

    def acquire(self) -> None:
        """Take the lock without waiting. Raise `LogBusy`, which names the holder, if it is taken."""
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
        """Release the lock. The file stays, since removing it could let two writers hold the lock."""
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None
