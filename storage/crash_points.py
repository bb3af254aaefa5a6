"""Named points at which a test can kill the process, to check what a crash leaves in the log.

A point that is not armed costs one comparison. At an armed point the process sends itself SIGKILL, so no
handler runs and no buffer is flushed.
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
"""Names of the points. BEGIN, INSERT and COMMIT follow each other directly, so "after" covers "before"."""
POINTS: tuple[Point, ...] = get_args(Point)

_armed: Point | None = None
_left = 0


def arm(point: Point, visit: int = 1) -> None:
    """Kill the process at the `visit`-th pass of `point`, counted from now."""
    global _armed, _left
    _armed, _left = point, visit


def crash_point(point: Point) -> None:
    """Kill the process if this point is armed and its visit has come."""
    global _left
    if _armed == point:
        _left -= 1
        if _left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
