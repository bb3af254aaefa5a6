"""Re-enactment of the run in the background: every agent acts again and must say what the log says."""

import asyncio
import threading

from ...storage.errors import StorageError
from ...storage.event import Event
from ...storage.place import Place
from ..errors import OrchestrationError
from ..trust.consent import NO_CONSENT, Consent


class _Stopped(Exception):
    """The person has left the screen, so the rest is not needed."""


class ReplayVerification:
    """A re-enactment in a thread of its own."""

    def __init__(
        self, place: Place, run: str, consent: Consent = NO_CONSENT, *, to: int | None = None
    ) -> None:
        self.agreed = 0
        """Number of events that are as the agents would write them today."""
        self.difference: str | None = None
        """Description of the first difference or error; None if there is none so far."""
        self.over = False
        """True when the re-enactment has ended."""
        self._place, self._run, self._consent, self._to = place, run, consent, to
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._reenact, name="re-enactment", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self) -> None:
        """Stop at the next event, and wait until the thread has ended."""
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join()

    @property
    def words(self) -> str:
        """Return the state of the re-enactment in one sentence."""
        if self.difference is not None:
            return f"The re-enactment differs: {self.difference}"
        if not self.over:
            return f"Re-enacting: {self.agreed:,} events agree so far."
        return f"Re-enacted: the agents reproduce all {self.agreed:,} events, byte for byte."

    def _reenact(self) -> None:
        # Imported here because it loads the agents, which takes long.
        from ..runtime.lifecycle import reenact

        try:
            self.agreed = asyncio.run(
                reenact(self._place, self._run, self._count, to=self._to, consent=self._consent)
            )
        except _Stopped:
            return
        except (OrchestrationError, StorageError) as error:
            self.difference = str(error)
        self.over = True

    def _count(self, event: Event) -> None:
        if self._stopping.is_set():
            raise _Stopped
        self.agreed += 1
