"""Writer lock of a log: an advisory lock, which the kernel releases even if its holder is killed."""

import fcntl
import os
from pathlib import Path

from ..errors import LogBusy, LogUnreadable
from .files import reason

_FLAGS = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
_TRIES = 100
"""Attempts to lock a file that is removed meanwhile. Some file systems give it a new identity each time."""


class WriterLock:
    """Advisory lock on the file `<log>.lock`, which contains the pid of its holder."""

    def __init__(self, log_path: Path) -> None:
        self._log_path = log_path
        self._path = log_path.with_name(log_path.name + ".lock")
        self._fd: int | None = None
        self._file: os.stat_result | None = None

    def acquire(self) -> None:
        """Take the lock without waiting.

        Raise `LogBusy`, which names the holder, if it is taken, and `LogUnreadable` if there can be no lock.
        """
        self.release()
        try:
            self._fd = next(fd for fd in (self._locked() for _ in range(_TRIES)) if fd is not None)
            os.ftruncate(self._fd, 0)
            os.pwrite(self._fd, f"{os.getpid()}\n".encode(), 0)
            self._file = os.fstat(self._fd)
        except (OSError, StopIteration) as error:
            self.release()
            problem = reason(error) if isinstance(error, OSError) else "the file is replaced all the time"
            raise LogUnreadable(
                f"The log {self._log_path} cannot be written: its lock {self._path.name} cannot be taken "
                f"({problem}). Make the folder writable, or use another log (--log)."
            ) from error

    def is_held(self) -> bool:
        """Return True if the file that this process has locked is still the one that others would lock."""
        return self._file is not None and self._is_at_path(self._file)

    def release(self) -> None:
        """Release the lock. The file stays, since removing it could let two writers hold the lock."""
        if self._fd is not None:
            os.close(self._fd)
            self._fd = self._file = None

    def _locked(self) -> int | None:
        """Return the locked file; None if it was removed meanwhile. Raise `LogBusy` or `OSError`."""
        fd = os.open(self._path, _FLAGS, 0o644)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            text = os.read(fd, 32).decode(errors="replace").strip()
            os.close(fd)
            raise LogBusy(str(self._log_path), int(text) if text.isdecimal() else None) from None
        except BaseException:
            os.close(fd)
            raise
        if self._is_at_path(os.fstat(fd)):
            return fd
        os.close(fd)
        return None

    def _is_at_path(self, file: os.stat_result) -> bool:
        try:
            there = os.stat(self._path, follow_symlinks=False)
        except FileNotFoundError:
            return False
        return os.path.samestat(there, file)
