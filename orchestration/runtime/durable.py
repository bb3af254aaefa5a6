"""Wait until what was submitted to the log is durable."""

import asyncio
from contextlib import suppress

from ...storage.errors import StorageError
from ...storage.log import Appended


async def until_durable(append: Appended | None) -> None:
    """Return once `append` is in the log; if it fails, never return.

    The run is about to stop on such a failure, and cancels those that wait. Until then nothing may be sent.
    """
    if append is None:
        return
    with suppress(StorageError):
        await asyncio.wrap_future(append)
        return
    await asyncio.get_running_loop().create_future()
