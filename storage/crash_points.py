"""Named places where a test can have the process killed, to see what a crash there leaves behind.

Not armed, a point costs one comparison. Armed, the process kills itself with SIGKILL, as the kernel would:
no handler runs, no buffer is flushed.
"""

import os
import signal
from typing import Literal, get_args

Point = Literal[
    "before-begin",
    "after-begin",
    "after-insert",
    "after-commit",
    "before-head",
    "after-head",
    "before-call",
    "after-call",
]
"""BEGIN, INSERT and COMMIT follow each other directly: after one is before the next."""
POINTS: tuple[Point, ...] = get_args(Point)

_armed: Point | None = None
_left = 0


def arm(point: Point, visit: int = 1) -> None:
    """Die at the `visit`-th time that `point` is passed, counted from now."""
    global _armed, _left
    _armed, _left = point, visit


def crash_point(point: Point) -> None:
    """Die here if a test has asked for it."""
    global _left
    if _armed == point:
        _left -= 1
        if _left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
