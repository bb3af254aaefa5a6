"""Restoring the terminal when the program is killed while a display has taken it over."""

import os
import select
import signal
import sys
import termios
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any

LINES = "\x1b[0m\x1b[?25h"
"""Ends what a display of lines leaves behind: colours, and a hidden cursor."""
SCREEN = (
    # Mouse, focus events, pasting, resizing in band and the keyboard protocol; then wrapping and the screen.
    "\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[?1015l\x1b[?1004l\x1b[?2004l\x1b[?2048l\x1b[<u"
    f"\x1b[?7h\x1b[?1049l{LINES}"
)
"""Ends what a full screen leaves behind: also the mouse, the keyboard's modes and the other screen."""
_PATIENCE = 1.0
"""Seconds that a terminal may take to accept output."""
_SIGNALS = (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)


@contextmanager
def guarded_terminal(codes: str, stream: Any) -> Iterator[None]:
    """Restore the terminal of `stream` if the block is ended by a signal or an error.

    `codes` are the terminal commands for that; the modes of the keyboard are those from the beginning. A
    signal then does what it did before. Signals that the program ignores, as with nohup, stay ignored.
    """
    if not stream.isatty() or threading.current_thread() is not threading.main_thread():
        yield
        return
    descriptor = stream.fileno()
    modes = _modes()

    def restore() -> None:
        with suppress(OSError):
            # A slow terminal is waited for; a stalled one (Ctrl-S) must not block the end of the program.
            if select.select([], [descriptor], [], _PATIENCE)[1]:
                os.write(descriptor, codes.encode())
        if modes is not None:
            with suppress(termios.error, OSError):
                termios.tcsetattr(0, termios.TCSANOW, modes)

    def end(number: int, _frame: FrameType | None) -> None:
        restore()
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)

    replaced = [number for number in _SIGNALS if signal.getsignal(number) is signal.SIG_DFL]
    for number in replaced:
        signal.signal(number, end)
    try:
        yield
    except BaseException:
        restore()
        raise
    finally:
        for number in replaced:
            signal.signal(number, signal.SIG_DFL)


def _modes() -> list[Any] | None:
    """Return the modes of the terminal on standard input, or None if that is none."""
    with suppress(termios.error, OSError, ValueError):
        return termios.tcgetattr(0) if sys.stdin.isatty() else None
    return None
