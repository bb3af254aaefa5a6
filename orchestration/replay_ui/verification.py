"""Re-enacting the run while it is looked at: every agent acts anew and must say what the log says."""

import asyncio
import threading

from ...storage.errors import StorageError
from ...storage.event import Event
from ...storage.place import Place
from ..errors import OrchestrationError


class _Left(Exception):
    """The person has left: nobody waits for the rest."""


class ReplayVerification:
    """A re-enactment in a thread of its own.

    `agreed` counts the events that were as the agents say today, `difference` is the first fault found, in
    words, and `over` tells that nothing more will come.
    """

    def __init__(self, place: Place, run: str, *, to: int | None = None) -> None:
        self.agreed = 0
        self.difference: str | None = None
        self.over = False
        self._place, self._run, self._to = place, run, to
        self._leaving = threading.Event()
        self._thread = threading.Thread(target=self._go, name="re-enactment", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Stop where it is, and wait for that."""
        self._leaving.set()
        if self._thread.ident is not None:
            self._thread.join()

    @property
    def words(self) -> str:
        """How it stands, in words."""
        if self.difference is not None:
            return f"The re-enactment differs: {self.difference}"
        if not self.over:
            return f"re-enacting: {self.agreed:,} events agree so far"
        return f"re-enacted: the agents say today what all {self.agreed:,} events say, byte for byte"

    def _go(self) -> None:
        # Here, since it loads the agents, which takes long.
        from ..runtime.lifecycle import reenact

        try:
            self.agreed = asyncio.run(reenact(self._place, self._run, self._see, to=self._to))
        except _Left:
            return
        except (OrchestrationError, StorageError) as error:
            self.difference = str(error)
        self.over = True

    def _see(self, event: Event) -> None:
        if self._leaving.is_set():
            raise _Left
        self.agreed += 1
