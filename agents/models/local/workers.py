"""Threads that compute parts of a batch in parallel."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor, wait
from typing import TypeVar

import torch

_Part = TypeVar("_Part")
_Result = TypeVar("_Result")

# With more parts than this, the matrices of each part would be too small.
_MAX_WORKERS = 2


class Workers:
    """Runs the parts of a batch in `count` threads, which share the CPU's cores.

    Two parts on one core each are faster than one part on both. Cores that share every matrix product wait
    for each other after it, some hundred times per token, and for most of the time if other programs use
    the cores as well. On a GPU there is one worker.
    """

    def __init__(self, threads: int, *, cpu: bool) -> None:
        self.count = min(threads, _MAX_WORKERS) if cpu else 1
        threads_each = max(1, threads // self.count)
        torch.set_num_threads(threads_each)
        self._pool = None
        if self.count > 1:
            self._pool = ThreadPoolExecutor(
                self.count,
                thread_name_prefix="model-part",
                initializer=torch.set_num_threads,
                initargs=(threads_each,),
            )

    def map(self, compute: Callable[[_Part], _Result], parts: Iterable[_Part]) -> list[_Result]:
        """Return the results in order. Raises the error of the first failed part once all have ended."""
        parts = list(parts)
        if self._pool is None or len(parts) < 2:
            return [_without_gradients(compute, part) for part in parts]
        futures = [self._pool.submit(_without_gradients, compute, part) for part in parts]
        wait(futures)
        return [future.result() for future in futures]

    def close(self) -> None:
        """End the threads."""
        if self._pool is not None:
            self._pool.shutdown()


def _without_gradients(compute: Callable[[_Part], _Result], part: _Part) -> _Result:
    # Inference mode belongs to a thread, so each thread has to enter it.
    with torch.inference_mode():
        return compute(part)
