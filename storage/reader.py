"""What every reader of a log can be asked, in SQL that every database here understands."""

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Collection, Iterator, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from .errors import LogDamaged, TailMissing, UnknownRun
from .event import Event, genesis
from .head import Head
from .layout import COLUMNS, KEY, SAID
from .place import Place, shown
from .redaction import RECORD, checked, recorded_digests
from .reply_sums import ReplySum, sums_query
from .rows import Row, to_event

_PAGE = 1000
_BEFORE_ALL = -(2**62)


@dataclass(frozen=True, slots=True)
class RunSummary:
    """One line of `runs`: the first and last event of a run, times in microseconds since 1970."""

    run: str
    events: int
    first_at: int
    last_at: int
    last_kind: str


class Reader(ABC):
    """A read-only view of a log that others may be writing: what needs nothing but queries.

    Everything may raise `LogUnreadable` where the database fails.
    """

    place: Place

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @abstractmethod
    def close(self) -> None:
        """Let go of the log."""

    @abstractmethod
    def refresh(self) -> None:
        """See what a writer that has started since then appended."""

    @abstractmethod
    def follow(self, run: str, *, after: int = 0, poll: float = ...) -> AsyncIterator[Event]:
        """Every event of `run` past `after`, then each new one soon after its commit.

        `poll` is in seconds: how long a commit may go unnoticed where nothing else tells of it.
        """

    @abstractmethod
    def _fetch(self, query: str, values: tuple[object, ...] = ()) -> list[Any]:
        """All rows of a query, in which "?" stands for a value."""

    @abstractmethod
    def _field(self, *path: str) -> str:
        """SQL for a field of the payload; NULL where it is null or missing, and where the payload is gone."""

    @abstractmethod
    def head(self) -> Head | None:
        """What is remembered of the end of the log beside the log itself."""

    def read(self, run: str, *, after: int = 0, kinds: tuple[str, ...] = ()) -> Iterator[Event]:
        """The events of `run` with a seq above `after`, in order; only of `kinds` where given."""
        where = f"kind IN ({', '.join('?' * len(kinds))})" if kinds else ""
        yield from map(to_event, self._rows(run, after, where, kinds))

    def said(self, run: str) -> Iterator[Event]:
        """The events of `run` that are no calls, in order: a few of a hundred, so they come fast."""
        yield from map(to_event, self._rows(run, where=SAID))

    def _rows(
        self, run: str, after: int = 0, where: str = "", values: tuple[object, ...] = ()
    ) -> Iterator[Row]:
        # By version, which has an index together with the run: by seq every page would sort all the rest.
        where = f" AND {where}" if where else ""
        query = (
            f"SELECT {COLUMNS} FROM event WHERE run = ? AND version > ?{where} ORDER BY version LIMIT {_PAGE}"
        )
        version = self._version_at(run, after)
        while True:
            rows = self._fetch(query, (run, version, *values))
            yield from rows
            if len(rows) < _PAGE:
                return
            version = rows[-1][2]

    def _version_at(self, run: str, seq: int) -> int:
        """The version of the last event of `run` up to `seq`; below every version where there is none."""
        if not seq:
            return _BEFORE_ALL
        query = "SELECT version FROM event WHERE run = ? AND seq <= ? ORDER BY version DESC LIMIT 1"
        rows = self._fetch(query, (run, seq))
        return int(rows[0][0]) if rows else _BEFORE_ALL

    def event(self, run: str, seq: int) -> Event:
        """The one event of `run` at `seq`. Raises `UnknownRun` where there is none."""
        for event in self._select("run = ? AND seq = ?", (run, seq)):
            return event
        raise UnknownRun(f"Run {run} has no event with seq {seq}.")

    def before(self, event: Event) -> Event | None:
        """The event of the same run just before `event`; None where that is the first."""
        return next(iter(self._select("run = ? AND version = ?", (event.run, event.version - 1))), None)

    def last(self, run: str) -> Event | None:
        """The last event of `run`; None where there is none."""
        where = "run = ? AND version = (SELECT MAX(version) FROM event WHERE run = ?)"
        return next(iter(self._select(where, (run, run))), None)

    def reply_sums(self, run: str, version: int) -> list[ReplySum]:
        """What the replies among the first `version` events of `run` add up to."""
        return [ReplySum(*row) for row in self._fetch(sums_query(self._field), (run, version))]

    def answered(self, run: str, calls: Collection[str], version: int) -> int:
        """How many of the calls with these ids have a reply among the first `version` events of `run`."""
        asked, found = list(calls), 0
        for start in range(0, len(asked), _PAGE):
            some = asked[start : start + _PAGE]
            query = (
                "SELECT COUNT(*) FROM event WHERE run = ? AND version <= ? AND kind = 'call.finished'"
                f" AND cause IN ({', '.join('?' * len(some))})"
            )
            found += self._fetch(query, (run, version, *some))[0][0]
        return found

    def _select(self, where: str, values: tuple[object, ...]) -> list[Event]:
        return list(map(to_event, self._fetch(f"SELECT {COLUMNS} FROM event WHERE {where}", values)))

    def answer_to(self, run: str, call: str) -> Event:
        """The event that finished the call with the id `call`."""
        for event in self._select("run = ? AND cause = ? AND kind = 'call.finished'", (run, call)):
            return event
        raise UnknownRun(f"Run {run} has no reply to call {call}.")

    def answers_with(self, key: str, runs: Sequence[str] | None = None) -> list[Event]:
        """The events, of `runs` or of all, that finished a call with this key; the first committed first.

        A reply that was redacted is not among them.
        """
        only = f" AND run IN ({', '.join('?' * len(runs))})" if runs is not None else ""
        where = f"kind = 'call.finished' AND {KEY} = ?{only} ORDER BY seq"
        return self._select(where, (key.encode(), *(runs or ()))) if runs is None or runs else []

    def runs(self) -> list[RunSummary]:
        """Every run of the log, oldest first."""
        rows = self._fetch(
            "SELECT f.run, l.version, f.at, l.at, l.kind FROM event f JOIN event l ON l.run = f.run"
            " AND l.version = (SELECT MAX(version) FROM event WHERE run = f.run)"
            " WHERE f.version = 1 ORDER BY f.seq"
        )
        return [RunSummary(*row) for row in rows]

    def resolve(self, name: str) -> str:
        """The full name of a run given by name, by the start of it, or as "last"."""
        names = [r[0] for r in self._fetch("SELECT run FROM event WHERE version = 1 ORDER BY seq")]
        if not names:
            raise UnknownRun(f"{shown(self.place)} holds no run yet. `tp run` starts one.")
        if name == "last":
            return str(names[-1])
        if name in names:
            return name
        found = [n for n in names if n.startswith(name)]
        if len(found) == 1:
            return str(found[0])
        there = ", ".join(found or names[-8:])
        what = f"The name {name!r} fits several runs" if found else f"There is no run {name!r}"
        raise UnknownRun(f"{what} in {shown(self.place)}. Choose one of: {there} (or: last).")

    def verify(self, run: str) -> int:
        """Check the chain of one run, the head and that no seq is missing; returns the number of its events.

        Raises `LogDamaged` with the first seq that does not hold, or `TailMissing`.
        """
        count = 0
        for _ in self._verified(run):
            count += 1
        return count

    def verified(self, run: str) -> Iterator[Event]:
        """The events of `run` in order, each once its place in the chain is checked.

        The head and the missing seqs are checked behind the last. Raises as `verify` does.
        """
        yield from map(to_event, self._verified(run))

    def _verified(self, run: str) -> Iterator[Row]:
        head = self.head()  # First, since a writer may append while the rows are read.
        last: Row = (0, genesis(run))
        # Over the bytes as stored: parsing and writing them again could hide a change.
        for last in checked(
            run,
            self._rows(run),
            lambda: recorded_digests(self._rows(run, where="kind = ?", values=(RECORD,))),
        ):
            yield last
        _check_head(head, run, last[0], last[-1])
        self._check_gaps()

    def _check_gaps(self) -> None:
        """A run cut off at its end has a valid chain, but leaves a gap before the events of other runs."""
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
