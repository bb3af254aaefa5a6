"""Read-only views of a log, in SQL that every supported database understands."""

import re
from abc import abstractmethod
from collections.abc import AsyncIterator, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from .envelope import check_name, quoted
from .errors import LogUnreadable, UnknownRun
from .event import Event
from .field_sums import FieldPath, GroupSums, SummedField, sums_query
from .layout import COLUMNS
from .place import shown
from .rows import Row, to_event
from .verification import Verifiable

_PAGE = 1000
_BEFORE_ALL = -(2**62)
_KIND = re.compile(r"[\w.-]+")


@dataclass(frozen=True, slots=True)
class RunSummary:
    """One line of `runs`: the first and last event of a run. Times are in microseconds since 1970."""

    run: str
    events: int
    first_at: int
    last_at: int
    last_kind: str


class Reader(Verifiable):
    """A read-only view of a log that other processes may be writing.

    Every method may raise `LogUnreadable` if the database fails.
    """

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @abstractmethod
    def close(self) -> None:
        """Close the connection to the log."""

    @abstractmethod
    def refresh(self) -> None:
        """Make events visible that a writer has appended since the log was opened."""

    @abstractmethod
    def follow(self, run: str, *, after: int = 0, poll: float = ...) -> AsyncIterator[Event]:
        """Yield every event of `run` past `after`, then each new one soon after its commit.

        `poll` is the longest time in seconds for which a commit may go unnoticed when no notification comes.
        """

    @abstractmethod
    def _field(self, *path: str) -> str:
        """Return SQL for a field of the payload. It is NULL if the field is missing or the data are gone."""

    def read(
        self, run: str, *, after: int = 0, kinds: tuple[str, ...] = (), without: tuple[str, ...] = ()
    ) -> Iterator[Event]:
        """Yield the events of `run` with a seq above `after`, in order.

        `kinds` selects events by kind, and `without` leaves out the events of the kinds it names.
        """
        where = [f"kind IN ({', '.join('?' * len(kinds))})"] if kinds else []
        if without:
            # Literals, since a partial index serves a query only if its condition stands there in full.
            where.append(f"kind NOT IN ({', '.join(map(_literal, without))})")
        yield from map(to_event, self._rows(run, after, " AND ".join(where), kinds))

    def _rows(
        self, run: str, after: int = 0, where: str = "", values: tuple[object, ...] = ()
    ) -> Iterator[Row]:
        # By version, since (run, version) has an index: by seq, every page would sort all remaining rows.
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
        """Return the version of the last event of `run` up to `seq`, or a number below every version."""
        if not seq:
            return _BEFORE_ALL
        query = "SELECT version FROM event WHERE run = ? AND seq <= ? ORDER BY version DESC LIMIT 1"
        rows = self._fetch(query, (run, seq))
        return int(rows[0][0]) if rows else _BEFORE_ALL

    def event(self, run: str, seq: int) -> Event:
        """Return the event of `run` at `seq`. Raise `UnknownRun` if there is none."""
        for event in self._select("run = ? AND seq = ?", (run, seq)):
            return event
        raise UnknownRun(f"Run {run} has no event with seq {seq}.")

    def before(self, event: Event) -> Event | None:
        """Return the event just before `event` in the same run; None for the first."""
        return next(iter(self._select("run = ? AND version = ?", (event.run, event.version - 1))), None)

    def last(self, run: str) -> Event | None:
        """Return the last event of `run`; None if it has none."""
        where = "run = ? AND version = (SELECT MAX(version) FROM event WHERE run = ?)"
        return next(iter(self._select(where, (run, run))), None)

    def caused_by(self, run: str, cause: str, kind: str) -> Event | None:
        """Return the event of `run` and `kind` that the event with the id `cause` has caused, if any."""
        where = f"run = ? AND cause = ? AND kind = {_literal(kind)}"
        return next(iter(self._select(where, (run, cause))), None)

    def count_caused(self, run: str, causes: Collection[str], kind: str, version: int) -> int:
        """Count the events of `kind` with one of `causes` among the first `version` events of `run`."""
        ids, count = list(causes), 0
        for start in range(0, len(ids), _PAGE):
            some = ids[start : start + _PAGE]
            query = (
                f"SELECT COUNT(*) FROM event WHERE run = ? AND version <= ? AND kind = {_literal(kind)}"
                f" AND cause IN ({', '.join('?' * len(some))})"
            )
            count += self._fetch(query, (run, version, *some))[0][0]
        return count

    def count_sent(self, run: str, kind: str, recipient: str, version: int) -> int:
        """Count the events of `kind` to `recipient` alone among the first `version` events of `run`."""
        query = (
            f"SELECT COUNT(*) FROM event WHERE run = ? AND version <= ? AND kind = {_literal(kind)}"
            " AND recipients = ?"
        )
        return int(self._fetch(query, (run, version, recipient))[0][0])

    def all_caused_by(self, run: str, cause: str, kind: str) -> list[Event]:
        """Return the events of `run` and `kind` that the event with the id `cause` has caused, in order."""
        return self._select(f"run = ? AND cause = ? AND kind = {_literal(kind)} ORDER BY seq", (run, cause))

    def with_data_at(
        self, kind: str, offset: int, value: bytes, runs: Sequence[str] | None = None
    ) -> list[Event]:
        """Return the events of `kind` whose data have `value` at byte `offset`, in commit order.

        `runs` restricts the search to these runs; None searches every run.
        """
        if runs is not None and not runs:
            return []
        only = f" AND run IN ({', '.join('?' * len(runs))})" if runs else ""
        # The numbers are literals for the same reason as the kind: an index on this expression may exist.
        part = f"substr(data, {int(offset) + 1}, {len(value)})"
        where = f"kind = {_literal(kind)} AND {part} = ?{only} ORDER BY seq"
        return self._select(where, (value, *(runs or ())))

    def sum_fields(
        self, run: str, kind: str, version: int, fields: Sequence[SummedField], present: FieldPath
    ) -> list[GroupSums]:
        """Add up `fields` of the events of `kind` among the first `version` events of `run`.

        The events are grouped, and the groups sorted, by sender, by schema and by the presence of the field
        `present`.
        """
        query = sums_query(self._field, _literal(kind), fields, present)
        return [
            GroupSums(self._checked("sender", sender, 0), schema, bool(has), events, tuple(sums))
            for sender, schema, has, events, *sums in self._fetch(query, (run, version))
        ]

    def with_ids(self, run: str, ids: Iterable[str]) -> list[Event]:
        """Return the events of `run` with these ids, in order."""
        wanted, found = list(ids), []
        for start in range(0, len(wanted), _PAGE):
            some = wanted[start : start + _PAGE]
            found += self._select(f"run = ? AND id IN ({', '.join('?' * len(some))})", (run, *some))
        return sorted(found, key=lambda event: event.seq)

    def with_field_above(
        self, run: str, kind: str, version: int, field: FieldPath, least: int
    ) -> list[Event]:
        """Return the events of `kind` whose integer `field` is above `least`, among the first `version`."""
        value = f"CAST({self._field(*field)} AS BIGINT)"
        where = f"run = ? AND version <= ? AND kind = {_literal(kind)} AND {value} > ? ORDER BY seq"
        return self._select(where, (run, version, least))

    def _select(self, where: str, values: tuple[object, ...]) -> list[Event]:
        return list(map(to_event, self._fetch(f"SELECT {COLUMNS} FROM event WHERE {where}", values)))

    def runs(self) -> list[RunSummary]:
        """Return a summary of every run of the log, oldest first."""
        rows = self._fetch(
            "SELECT f.run, l.version, f.at, l.at, l.kind, f.seq FROM event f JOIN event l ON l.run = f.run"
            " AND l.version = (SELECT MAX(version) FROM event WHERE run = f.run)"
            " WHERE f.version = 1 ORDER BY f.seq"
        )
        for run, _, _, _, kind, seq in rows:
            self._checked("run", run, seq)
            self._checked("kind", kind, seq)
        return [RunSummary(*row[:5]) for row in rows]

    def _checked(self, column: str, name: str, seq: int) -> str:
        """Return a name that was read without the rest of its row, after the check of `to_event`."""
        try:
            return check_name(column, name)
        except ValueError as error:
            raise LogUnreadable(f"Seq {quoted(seq)} of {shown(self.place)} is invalid: {error}.") from error

    def resolve(self, name: str) -> str:
        """Return the full name of the run that `name` stands for: a name, the start of one, or "last".

        Raise `UnknownRun` if there is no such run or more than one.
        """
        query = "SELECT seq, run FROM event WHERE version = 1 ORDER BY seq"
        names = [self._checked("run", run, seq) for seq, run in self._fetch(query)]
        if not names:
            raise UnknownRun(f"{shown(self.place)} holds no run yet. `tp run` starts one.")
        if name == "last":
            return str(names[-1])
        if name in names:
            return name
        matches = [n for n in names if n.startswith(name)]
        if len(matches) == 1:
            return str(matches[0])
        choices = ", ".join(matches or names[-8:])
        problem = f"The name {name!r} fits several runs" if matches else f"There is no run {name!r}"
        raise UnknownRun(f"{problem} in {shown(self.place)}. Choose one of: {choices} (or: last).")


def _literal(kind: str) -> str:
    """Return a kind as an SQL literal. Raise `ValueError` if it has characters that need quoting."""
    if not _KIND.fullmatch(kind):
        raise ValueError(f"{kind!r} is no kind of event: use letters, digits, '.', '_' and '-'.")
    return f"'{kind}'"
