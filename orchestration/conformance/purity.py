"""What a handler must not do, caught while it does it: clocks, dice, files, sockets, endless loops.

A profile function sees every call into C of the code under watch, an audit hook the input and output. Both
are there only while a handler is being stepped, and only in its thread. What is exempt reads a clock or a
file on its own account (logging, importing, templates) and hands nothing of it to the role.
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
_DICE: Any = random._inst


class Impure(TransferPromptingError, RuntimeError):
    """A handler did what the log could not know of."""


class Endless(TransferPromptingError, RuntimeError):
    """A handler does not come to an end."""


class Purity:
    """Watches handlers of the package `own`; `faults` are what they did, even where they hid the error."""

    def __init__(self, own: str, patience: float = PATIENCE) -> None:
        self.faults: list[str] = []
        self._own = own
        self._patience = patience

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Watch what the code inside does, in this thread."""
        alarm = threading.Timer(self._patience, _interrupt, (threading.get_ident(),))
        alarm.daemon = True
        previous, collecting = sys.getprofile(), gc.isenabled()
        _HERE.purity = self
        alarm.start()
        # What others have done at each collection of garbage is not the handler's doing.
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
        """Note the fault and raise it, unless the code at `frame` is exempt."""
        if self._is_exempt(frame):
            return
        fault = f"{what}, {_place(frame)}"
        self.faults.append(fault)
        raise Impure(f"{fault}. A handler may only use what it was told; ask a model for everything else.")

    def _is_exempt(self, frame: FrameType | None) -> bool:
        """Whether a library that may do so stands between the role's code and what was done."""
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
            elif arg is os.urandom or getattr(arg, "__self__", None) is _DICE:
                self.refuse(
                    f"throws dice ({arg.__name__}); self.random(...) gives the same ones again", frame
                )
        elif event == "call":
            if frame.f_code is _ENVIRONMENT:
                self.refuse("reads the environment", frame.f_back)
            elif frame.f_code is _SEED and frame.f_locals.get("a") is None:
                self.refuse("seeds dice by chance; self.random(...) gives the same ones again", frame.f_back)


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
    """Where the code is that led here: the last line outside the standard library."""
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
        _HERE.purity = None  # What is done to say so is not the handler's doing.
        try:
            what = f" {arguments[0]!r}" if arguments and isinstance(arguments[0], str | os.PathLike) else ""
            purity.refuse(f"does input or output ({event}{what})", sys._getframe(1))
        finally:
            _HERE.purity = purity


# A hook stays for the life of the process; outside of a step it does nothing.
sys.addaudithook(_audit)
