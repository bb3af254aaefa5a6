"""The program in a terminal: its screen, its keys, and changes of size."""

import fcntl
import os
import pty
import re
import signal
import struct
import termios
import threading
import time
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Self

import pyte
from forked_programs import TP, OnTerminal

_PATIENCE = 120.0  # seconds until a missing screen is a failure
_ESCAPES = re.compile(r"\x1b\[[0-9;?<>=]*[a-zA-Z]|\x1b\][^\x07]*\x07|\x1b[=>()][A-Z0-9]?")


class Screen:
    """`tp` with `arguments` in a terminal of `width` x `height`. Leaving the `with` block ends it."""

    def __init__(self, arguments: Sequence[object], width: int, height: int, **environment: str) -> None:
        self._screen = pyte.HistoryScreen(width, height, history=5000)
        self._stream = pyte.ByteStream(self._screen)
        self._raw: list[bytes] = []
        self._lock = threading.Lock()
        self._master, slave = pty.openpty()
        _set_size(self._master, width, height)
        unset = {"COLUMNS", "LINES", "NO_COLOR", "CI"}
        kept = {key: value for key, value in os.environ.items() if key not in unset}
        variables = {**kept, "TERM": "xterm-256color", **environment}
        self.process = OnTerminal(TP, *arguments, terminal=slave, environment=variables)
        os.close(slave)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.process.kill()
        self.process.wait()
        self._reader.join()
        os.close(self._master)

    @property
    def rows(self) -> list[str]:
        """Return what is on the screen now."""
        with self._lock:
            return [row.rstrip() for row in self._screen.display]

    @property
    def text(self) -> str:
        """Return what has scrolled off and what is on the screen."""
        with self._lock:
            width = self._screen.columns
            top = ["".join(line[x].data for x in range(width)).rstrip() for line in self._screen.history.top]
            return "\n".join([*top, *(row.rstrip() for row in self._screen.display)])

    @property
    def raw(self) -> str:
        """Return all that the program has written."""
        with self._lock:
            return b"".join(self._raw).decode(errors="replace")

    @property
    def printed(self) -> list[str]:
        """Return the lines that the program has written, without control sequences."""
        return [part for line in self.raw.split("\n") for part in _ESCAPES.sub("", line).split("\r")]

    @property
    def cursor_hidden(self) -> bool:
        """Return whether the terminal shows no cursor."""
        return bool(self._screen.cursor.hidden)

    @property
    def echoes(self) -> bool:
        """Return whether the terminal shows what is typed, as it does outside of full screens."""
        return bool(termios.tcgetattr(self._master)[3] & termios.ECHO)

    @property
    def lines_are_edited(self) -> bool:
        """Return whether the terminal passes on whole lines, as it does unless single keys are read."""
        return bool(termios.tcgetattr(self._master)[3] & termios.ICANON)

    def until(self, holds: Callable[[list[str]], bool], why: str = "") -> list[str]:
        """Wait for a screen for which `holds` is true, and return it."""
        return self._wait(lambda: holds(self.rows), why)

    def until_row(self, part: str) -> list[str]:
        """Wait until some row contains `part`."""
        return self.until(lambda rows: any(part in row for row in rows), part)

    def send(self, keys: str) -> None:
        """Type `keys`."""
        os.write(self._master, keys.encode())

    def resize(self, width: int, height: int) -> None:
        """Give the terminal another size, of which the program is notified."""
        with self._lock:
            self._screen.resize(height, width)
        _set_size(self._master, width, height)
        os.killpg(self.process.pid, signal.SIGWINCH)

    def ended(self) -> int:
        """Wait for the end of the program; return its exit status."""
        self._wait(lambda: self.process.returncode is not None, "the end of the program")
        self._reader.join()
        return self.process.wait()

    def _wait(self, done: Callable[[], bool], why: str) -> list[str]:
        deadline = time.monotonic() + _PATIENCE
        while not done():
            assert time.monotonic() < deadline, f"not seen: {why}\n" + "\n".join(self.rows)
            time.sleep(0.02)
        return self.rows

    def _read(self) -> None:
        while True:
            try:
                data = os.read(self._master, 65_536)
            except OSError:  # The program has closed its end.
                return
            with self._lock:
                self._raw.append(data)
                self._stream.feed(data)


def _set_size(terminal: int, width: int, height: int) -> None:
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))
