"""Detect forbidden actions of a handler: clocks, random numbers, files, sockets and endless loops.

A profile function observes every call into C, an audit hook observes input and output. Both act only while
a handler is being stepped, and only in its thread. Exempt libraries read a clock or a file for their own
purposes (logging, importing, templates) and pass nothing of it to the role.
"""

import ctypes
import datetime
import gc
import os
import random
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from ...storage.errors import TransferPromptingError

PATIENCE = 20.0
"""Seconds after which one step of a handler counts as endless."""
_CLOCKS = {
    getattr(time, name)
    for name in (
        "time",
        "time_ns",
        "monotonic",
        "monotonic_ns",
        "perf_counter",
        "localtime",
        "gmtime",
        "sleep",
    )
}
_DATES = {"datetime.now", "datetime.utcnow", "datetime.today", "date.today"}
_IO = ("open", "socket.", "subprocess.", "os.", "shutil.", "sqlite3.connect", "urllib.", "builtins.input")
_EXEMPT = ("logging", "importlib", "zipimport", "linecache", "jinja2", "pydantic", "autogen_", "asyncio")
_ENVIRONMENT = type(os.environ).__getitem__.__code__
_LIBRARY = os.path.dirname(os.__file__)
_SEED = random.Random.seed.__code__
_RANDOM: Any = random._inst


class Impure(TransferPromptingError, RuntimeError):
    """A handler used something that the log does not record."""


class Endless(TransferPromptingError, RuntimeError):
    """A handler does not end."""


class Purity:
    """Watches handlers of the package `own`. `faults` lists their actions, even if they caught the error."""

    def __init__(self, own: str, patience: float = PATIENCE) -> None:
        self.faults: list[str] = []
        self._own = own
        self._patience = patience

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Watch the code in the block, in this thread."""
        alarm = threading.Timer(self._patience, _interrupt, (threading.get_ident(),))
        alarm.daemon = True
        previous, collecting = sys.getprofile(), gc.isenabled()
        _HERE.purity = self
        alarm.start()
        # Callbacks of the garbage collector belong to other code.
        gc.disable()
        sys.setprofile(self._profile)
        try:
            yield
        finally:
            sys.setprofile(previous)
            if collecting:
                gc.enable()
            _HERE.purity = None
            alarm.cancel()

    def refuse(self, what: str, frame: FrameType | None) -> None:
        """Record the fault and raise `Impure`, unless the code at `frame` is exempt."""
        if self._is_exempt(frame):
            return
        fault = f"{what}, {_place(frame)}"
        self.faults.append(fault)
        raise Impure(f"{fault}. A handler may use only its messages; ask a model for everything else.")

    def _is_exempt(self, frame: FrameType | None) -> bool:
        """Return whether an exempt library stands between the role's code and the action."""
        while frame is not None:
            name = str(frame.f_globals.get("__name__", ""))
            if name.startswith(_EXEMPT):
                return True
            if name.partition(".")[0] == self._own:
                return False
            frame = frame.f_back
        return False

    def _profile(self, frame: FrameType, event: str, arg: Any) -> None:
        if event == "c_call":
            if _is_clock(arg):
                self.refuse(f"reads the clock ({arg.__qualname__})", frame)
            elif arg is os.urandom or getattr(arg, "__self__", None) is _RANDOM:
                self.refuse(
                    f"uses random numbers ({arg.__name__}); self.random(...) gives the same ones again", frame
                )
        elif event == "call":
            if frame.f_code is _ENVIRONMENT:
                self.refuse("reads the environment", frame.f_back)
            elif frame.f_code is _SEED and frame.f_locals.get("a") is None:
                self.refuse(
                    "seeds a generator by chance; self.random(...) gives the same numbers again", frame.f_back
                )


def _is_clock(called: Any) -> bool:
    try:
        return called in _CLOCKS or (
            called.__qualname__ in _DATES and issubclass(called.__self__, datetime.date)
        )
    except (AttributeError, TypeError):
        return False


def _in_library(frame: FrameType) -> bool:
    file = frame.f_code.co_filename
    return file.startswith((_LIBRARY, "<frozen")) and "site-packages" not in file


def _place(frame: FrameType | None) -> str:
    """Return the file and line of the last frame outside the standard library."""
    while frame is not None and _in_library(frame):
        frame = frame.f_back
    return (
        f"{os.path.basename(frame.f_code.co_filename)}:{frame.f_lineno}" if frame else "at an unknown place"
    )


def _interrupt(thread: int) -> None:
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(Endless))


class _Here(threading.local):
    purity: Purity | None = None


_HERE = _Here()


def _audit(event: str, arguments: tuple[Any, ...]) -> None:
    purity = _HERE.purity
    if purity is not None and event.startswith(_IO):
        _HERE.purity = None  # Reporting the fault is not the handler's action.
        try:
            what = f" {arguments[0]!r}" if arguments and isinstance(arguments[0], str | os.PathLike) else ""
            purity.refuse(f"does input or output ({event}{what})", sys._getframe(1))
        finally:
            _HERE.purity = purity


# A hook cannot be removed; outside a step it does nothing.
sys.addaudithook(_audit)
