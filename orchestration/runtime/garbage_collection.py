"""Garbage collection while a run goes on."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def existing_objects_exempt() -> Iterator[None]:
    """Exempt all objects that exist now from garbage collection until the end of the block.

    A full collection visits every object. At its start a run has more than a hundred thousand, of libraries
    and tasks, that live until its end: visiting them again and again took a fifth of a run's processor time,
    and each time stopped the event loop for a tenth of a second. Objects that are made later are collected
    as usual.
    """
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
