"""Reader of the recorded run that comes with the package.

The run is a log in SQLite, compressed, because the package is often in a folder that cannot be written. It is
read from memory, so it needs no file of its own. `tests/support/record_demo.py` makes it.
"""

import lzma
import sqlite3
from functools import cache
from importlib.resources import files
from pathlib import Path

from ..errors import LogNotFound, LogUnreadable
from ..place import DEMO
from .reader import LogReader, check_is_log

_NAME = "demo.db.xz"
"""Name of the file in the folder `recordings` of the package `storage`."""


class RecordedReader(LogReader):
    """A read-only view of the recorded run, at the place ":demo:". It is complete, so nothing follows it."""

    anchored = False

    def __init__(self) -> None:
        # The path only appears in messages.
        self.place, self.path = DEMO, Path(DEMO)
        self._live = True
        self._db = self._connect()

    def _connect(self) -> sqlite3.Connection:
        db = sqlite3.connect(":memory:")
        try:
            db.deserialize(_recorded())
            db.execute("PRAGMA query_only = 1")
            check_is_log(db, self.path)
        except (sqlite3.DatabaseError, LogUnreadable) as error:
            db.close()
            raise LogUnreadable(
                f"The recorded run cannot be read: {error}. Install the package again."
            ) from error
        return db

    def head(self) -> None:
        """Return None: the checksum of the compressed file takes the place of an anchor."""
        return

    def _watch(self) -> None:
        """Return None: nobody writes to a recorded run."""


@cache
def _recorded() -> bytes:
    try:
        packed = files("transfer_prompting.storage").joinpath("recordings", _NAME).read_bytes()
    except OSError as error:
        raise LogNotFound(
            f"The recorded run is missing from the package ({error.strerror}). Install the package again."
        ) from error
    try:
        return lzma.decompress(packed)
    except lzma.LZMAError as error:
        raise LogUnreadable(f"The recorded run is damaged ({error}). Install the package again.") from error
