"""Single keys of a person at the terminal, read while a display of lines is shown."""

import os
import select
import signal
import sys
import termios
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

_LOOK = 0.25
"""Seconds after which the reader looks whether it should end."""
_LOCAL = 3
"""Index of the local modes in what `termios.tcgetattr` returns."""
Press = Callable[[str], None]


class Keyboard:
    """Reads keys from the terminal at `descriptor` without waiting for Enter and without showing them.

    Ctrl-C and Ctrl-Z work as usual. A program in the background leaves the terminal alone.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._over = threading.Event()
        self._lock = threading.Lock()
        self._before: list[Any] | None = None

    @property
    def reads(self) -> bool:
        """True while keys are read."""
        return self._before is not None and not self._over.is_set()

    @contextmanager
    def read(self, press: Press) -> Iterator[None]:
        """Call `press` with each key, from a thread of its own, until the block ends."""
        thread = threading.Thread(target=self._listen, args=(press,), name="keyboard", daemon=True)
        thread.start()
        try:
            yield
        finally:
            self.leave()
            thread.join()

    def leave(self) -> None:
        """Stop reading keys, and give the terminal back its modes."""
        with self._lock:
            self._over.set()
            if self._before is not None and self._is_ours():
                with suppress(termios.error, OSError):
                    termios.tcsetattr(self._descriptor, termios.TCSANOW, self._before)
            self._before = None

    def _listen(self, press: Press) -> None:
        # A read in the background fails then, where it would otherwise stop the whole program.
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTTIN, signal.SIGTTOU})
        while not self._over.is_set():
            try:
                if not self._is_ours():
                    self._over.wait(_LOOK)
                    continue
                self._take()
                if select.select([self._descriptor], [], [], _LOOK)[0] and not self._over.is_set():
                    typed = os.read(self._descriptor, 64)
                    if not typed:
                        return
                    for key in typed.decode(errors="ignore"):
                        press(key)
            except (termios.error, OSError):
                self._over.wait(_LOOK)

    def _take(self) -> None:
        """Set the modes for single keys; a shell has set its own after Ctrl-Z and `fg`."""
        with self._lock:
            modes = termios.tcgetattr(self._descriptor)
            lines = termios.ICANON | termios.ECHO
            if not modes[_LOCAL] & lines or self._over.is_set():
                return
            self._before = self._before or list(modes)
            modes[_LOCAL] &= ~lines
            termios.tcsetattr(self._descriptor, termios.TCSANOW, modes)

    def _is_ours(self) -> bool:
        """Return whether this program is in the foreground of the terminal."""
        with suppress(OSError):
            return os.tcgetpgrp(self._descriptor) == os.getpgrp()
        return False


def keyboard() -> Keyboard | None:
    """Return the keyboard of the terminal on standard input; None if that is none."""
    with suppress(OSError, ValueError):
        if sys.stdin.isatty():
            return Keyboard(sys.stdin.fileno())
    return None
