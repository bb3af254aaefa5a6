"""Verification of a log: its hash chains, its sequence numbers and its end."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any

from .errors import LogDamaged, TailMissing
from .event import Event, genesis
from .head import Head
from .place import Place, shown
from .redaction import RECORD, checked, recorded_digests
from .rows import Row, checked_event

_LAGS_AT_MOST = 60_000_000
"""Microseconds by which the head anchor may be behind the log. Writers let it lag by 0.1 seconds."""


class Verifiable(ABC):
    """The part of a reader that verifies the log at `place`."""

    place: Place
    anchored = True
    """True if a head anchor must be there as soon as the log has events."""

    @abstractmethod
    def _fetch(self, query: str, values: tuple[object, ...] = ()) -> list[Any]:
        """Return all rows of a query, in which "?" stands for a value."""

    @abstractmethod
    def _rows(
        self, run: str, after: int = 0, where: str = "", values: tuple[object, ...] = ()
    ) -> Iterator[Row]:
        """Yield the rows of `run` with a seq above `after`, in order."""

    @abstractmethod
    def head(self) -> Head | None:
        """Return the head anchor, which remembers the end of the log; None if there is none."""

    def _last_assigned(self) -> int:
        """Return the largest seq that was ever written, if the database knows it, else 0."""
        return 0

    def verify(self, run: str) -> int:
        """Check the hash chain of a run, the head anchor and the seqs; return the number of events.

        Raise `LogDamaged` with the first seq that is wrong, or `TailMissing`.
        """
        count = 0
        for _ in self._verified(run):
            count += 1
        return count

    def verified(self, run: str) -> Iterator[Event]:
        """Yield the events of `run` in order, each after its place in the hash chain is checked.

        The head anchor and the sequence numbers are checked after the last event. Raise as `verify` does.
        """
        yield from map(checked_event, self._verified(run))

    def _verified(self, run: str) -> Iterator[Row]:
        head = self.head()  # Read first, since a writer may append while the rows are read.
        last: Row = (0, genesis(run))
        # Hash the bytes as stored: parsing and serialising them again could hide a change.
        for last in checked(
            run,
            self._rows(run),
            lambda: recorded_digests(self._rows(run, where="kind = ?", values=(RECORD,))),
        ):
            yield last
        _check_head(head, run, last[0], last[-1])
        self._check_gaps()

    def check_end(self) -> None:
        """Raise `TailMissing` if events are missing at the end of the log, or if nothing shows that none are.

        The latter is so if the head anchor is missing or out of date, as in a log that was copied without it.
        """
        head = self.head()
        self._check_last_assigned()
        if not self.anchored or not (last := self._fetch("SELECT MAX(seq) FROM event")[0][0]):
            return
        if head is None:
            problem = "has events but no head anchor"
        elif self._lag(head.seq) > _LAGS_AT_MOST:
            problem = f"has a head anchor that knows seq {head.seq} although seq {last} came much later"
        else:
            return
        raise TailMissing(
            f"{shown(self.place)} {problem}, so it cannot be told whether events are missing at its end. If "
            "it is a copy, copy its .head file, too. To accept the log as it is, remove the .head file if "
            "there is one, and open the log for writing, for example with `tp resume`: that writes a new "
            "anchor."
        )

    def _lag(self, seq: int) -> int:
        """Return the microseconds from the first event after `seq` to the last event."""
        [(first, last)] = self._fetch(
            "SELECT (SELECT at FROM event WHERE seq > ? ORDER BY seq LIMIT 1),"
            " (SELECT at FROM event ORDER BY seq DESC LIMIT 1)",
            (seq,),
        )
        return 0 if first is None else int(last - first)

    def _check_last_assigned(self) -> None:
        assigned = self._last_assigned()  # Read first, since a writer may append meanwhile.
        last = self._fetch("SELECT COALESCE(MAX(seq), 0) FROM event")[0][0]
        if assigned > last:
            raise TailMissing(
                f"Seq {assigned} was written, but the log ends at {last}: its last events are lost."
            )

    def _check_gaps(self) -> None:
        """Raise `LogDamaged` at a gap: a run cut off at its end has a valid chain, but leaves one."""
        self._check_last_assigned()
        [(count, first, last)] = self._fetch(
            "SELECT (SELECT COUNT(*) FROM event), (SELECT MIN(seq) FROM event), (SELECT MAX(seq) FROM event)"
        )
        if not count or (first == 1 and last == count):
            return
        missing = self._fetch(
            "SELECT n FROM (SELECT seq, ROW_NUMBER() OVER (ORDER BY seq) AS n FROM event) AS numbered"
            " WHERE seq <> n LIMIT 1"
        )
        if missing:
            raise LogDamaged(missing[0][0], "no event has this seq, although later ones are there.")


def _check_head(head: Head | None, run: str, seq: int, last_hash: bytes) -> None:
    if head is None or head.run != run:
        return
    if head.seq > seq:
        raise TailMissing(f"The head anchor knows seq {head.seq} of {run}, but the log ends at {seq}.")
    if head.seq == seq and head.hash != last_hash.hex():
        raise LogDamaged(seq, "the head anchor has another hash for it.")
