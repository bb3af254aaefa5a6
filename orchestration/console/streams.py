"""The one exit for text: standard output and standard error, guarded against what is written and where to.

At a terminal everything that is written becomes visible text; a pipe or a file gets it as it is. What an
encoding cannot express is escaped. Only a `SafeConsole` writes terminal commands, to the stream below.
"""

import errno
import io
import os
import sys
from typing import TextIO

from .visible import ESCAPED, visible


class OutputError(OSError):
    """Standard output cannot be written: it is closed or full, or the terminal has gone."""

    @property
    def reader_has_gone(self) -> bool:
        """True if the output is a pipe whose other end is closed, as in `tp show ... | head`."""
        return self.errno == errno.EPIPE


class Output(io.TextIOBase):
    """A stream whose errors become `OutputError`, or are ignored if it is `silent`.

    After an error its file descriptor leads to the null device, so that Python finds nothing to report when
    it flushes what is left at the end of the program.
    """

    def __init__(self, inner: TextIO, *, silent: bool) -> None:
        self._inner, self._silent = inner, silent
        self._lost: OSError | None = None

    @property
    def encoding(self) -> str:  # type: ignore[override]
        """Return the encoding of the stream below."""
        return getattr(self._inner, "encoding", None) or "utf-8"

    def write(self, text: str) -> int:
        """Write `text`, and return its length."""
        if self._lost is not None and not self._silent:
            raise self._lost
        try:
            try:
                self._inner.write(text)
            except UnicodeEncodeError:
                self._inner.write(text.encode(self.encoding, ESCAPED).decode(self.encoding))
        except (OSError, ValueError) as error:
            self._give_up(error)
        return len(text)

    def flush(self) -> None:
        """Flush the stream below, if it can still be written.

        A closed one has nothing left. Python flushes a stream that is no longer used, and since 3.13 it
        reports what goes wrong then.
        """
        if self._lost is None and not self._inner.closed:
            try:
                self._inner.flush()
            except (OSError, ValueError) as error:
                self._give_up(error)

    def writable(self) -> bool:
        """Return True."""
        return True

    def isatty(self) -> bool:
        """Return whether the stream below is a terminal."""
        return not self._inner.closed and self._inner.isatty()

    def fileno(self) -> int:
        """Return the file descriptor of the stream below."""
        return self._inner.fileno()

    def _give_up(self, error: OSError | ValueError) -> None:
        # A closed stream raises a ValueError.
        number = error.errno if isinstance(error, OSError) and error.errno else errno.EBADF
        self._lost = OutputError(number, os.strerror(number))
        try:
            with open(os.devnull, "w") as null:
                os.dup2(null.fileno(), self._inner.fileno())
        except (OSError, ValueError):
            pass  # A stream without a file descriptor, as in tests, is not flushed at the end.
        if not self._silent:
            raise self._lost from error


class GuardedStream(Output):
    """A standard stream that makes everything visible if it is a terminal.

    It has no `buffer`, so that no library writes past it.
    """

    def __init__(self, inner: TextIO, *, silent: bool) -> None:
        super().__init__(inner, silent=silent)
        self.drawn = Output(inner, silent=silent)
        """The stream for a console that makes its texts visible itself, and adds terminal commands."""

    def write(self, text: str) -> int:
        """Write `text`, made visible at a terminal."""
        super().write(visible(text) if self.isatty() else text)
        return len(text)


def guard_standard_streams() -> None:
    """Replace the standard streams of this process by guarded ones, for good.

    They are not restored, because Python reports unexpected errors after the program's last line.
    """
    # In this order: a file that is opened gets the lowest free number. A log must never get that of a closed
    # standard stream, to which native libraries write.
    if sys.stdin is None:
        sys.stdin = open(os.devnull)  # noqa: SIM115 - it stays open
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            # A file opened for reading refuses to be written, as a closed stream does.
            stream = open(os.open(os.devnull, os.O_RDONLY), "w", encoding="utf-8")  # noqa: SIM115
        if not isinstance(stream, GuardedStream):
            # Messages that nobody can read must not stop anything.
            setattr(sys, name, GuardedStream(stream, silent=name == "stderr"))
