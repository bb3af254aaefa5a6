"""Threads that compute parts of a batch side by side."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor, wait
from typing import TypeVar

import torch

_Part = TypeVar("_Part")
_Result = TypeVar("_Result")

# More parts than this make the matrices of each too small.
_MOST = 2


class Workers:
    """Runs the parts of a batch in `count` threads, which share the processor's cores.

    Two parts on one core each beat one part on both: cores that share every matrix product wait for
    each other at its end, some hundred times a token, and beside other programs most of the time.
    On a GPU there is one worker.
    """

    def __init__(self, threads: int, *, cpu: bool) -> None:
        self.count = min(threads, _MOST) if cpu else 1
        each = max(1, threads // self.count)
        torch.set_num_threads(each)
        self._pool = None
        if self.count > 1:
            self._pool = ThreadPoolExecutor(
                self.count,
                thread_name_prefix="model-part",
                initializer=torch.set_num_threads,
                initargs=(each,),
            )

    def map(self, compute: Callable[[_Part], _Result], parts: Iterable[_Part]) -> list[_Result]:
        """Return the results in order; raise the first part's error once all have ended."""
        listed = list(parts)
        if self._pool is None or len(listed) < 2:
            return [_without_gradients(compute, part) for part in listed]
        futures = [self._pool.submit(_without_gradients, compute, part) for part in listed]
        wait(futures)
        return [future.result() for future in futures]

    def close(self) -> None:
        """End the threads."""
        if self._pool is not None:
            self._pool.shutdown()


def _without_gradients(compute: Callable[[_Part], _Result], part: _Part) -> _Result:
    # The mode belongs to a thread, so each has to enter it.
    with torch.inference_mode():
        return compute(part)
