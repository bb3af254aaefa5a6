"""Export of a run to a portable file in JSON Lines, verified by its hash chain.

The first line gives the format, the run, the number of events and the hash of the last one. Each further
line is a stored row with every column that its hash covers; the data are included as text.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .envelope import check_name
from .errors import BadFile, LogDamaged
from .event import Event
from .portable_lines import NAMES, read_objects, to_row
from .reader import Reader
from .redaction import RECORD, check_chain, recorded_digests
from .rows import Row, checked_event, event_row

FORMAT = "transfer-prompting/run/1"


@dataclass(frozen=True, slots=True)
class PortableRun:
    """A run read from an exported file. `hash` is that of its last event."""

    run: str
    events: tuple[Event, ...]
    hash: bytes


def export(reader: Reader, run: str, path: Path) -> int:
    """Verify `run`, write it to `path` and return the number of events.

    Raise `LogDamaged` or `TailMissing` if the run fails its verification, and `BadFile` if `path` exists or
    cannot be written.
    """
    portable = portable_run(reader, run)
    head = {"format": FORMAT, "run": run, "events": len(portable.events), "hash": portable.hash.hex()}
    try:
        with path.open("x", encoding="utf-8") as file:
            file.writelines(
                json.dumps(line, ensure_ascii=False) + "\n" for line in (head, *map(_line, portable.events))
            )
    except FileExistsError:
        raise BadFile(f"{path} already exists. Name another file with -o.") from None
    except OSError as error:
        raise BadFile(f"{path} cannot be written: {error.strerror}.") from error
    return len(portable.events)


def portable_run(reader: Reader, run: str) -> PortableRun:
    """Verify `run` and return all of it. Raise `LogDamaged` or `TailMissing` if it fails its verification."""
    reader.verify(run)
    events = tuple(reader.read(run))
    return PortableRun(run, events, events[-1].hash)


def read_portable(path: Path) -> PortableRun:
    """Read and verify an exported run.

    Raise `BadFile` if the file is not an exported run, has too few or too many lines, or has a row that was
    changed, left out or moved; the message then names the line.
    """
    objects = read_objects(path)
    _, head = next(objects, (0, {}))
    if head.get("format") != FORMAT:
        raise BadFile(f"{path} is not an exported run: its first line does not name the format {FORMAT!r}.")
    run, count, digest = _announced(path, head)
    rows: list[Row] = []
    for number, line in objects:
        if len(rows) == count:
            raise BadFile(f"{path}:{number}: the first line announces {count} events. Nothing was imported.")
        rows.append(to_row(path, number, line))
    return _checked(path, run, (count, digest), rows)


def _announced(path: Path, head: dict[str, Any]) -> tuple[str, int, str]:
    """Return the run, the number of its events and the last hash that the first line announces."""
    run, count, digest = head.get("run"), head.get("events"), head.get("hash")
    try:
        if type(count) is not int or not isinstance(digest, str):
            raise ValueError("`events` or `hash` is missing or invalid")
        bytes.fromhex(digest)
        return check_name("run", run), count, digest
    except ValueError as error:
        raise BadFile(f"{path}:1: {error}. Nothing was imported.") from error


def _checked(path: Path, run: str, announced: tuple[int, str], rows: list[Row]) -> PortableRun:
    for number, row in enumerate(rows, 2):
        if row[1] != run:
            raise BadFile(f"{path}:{number}: an event of a run other than {run}. Nothing was imported.")
    try:
        end = check_chain(run, rows, recorded_digests(row for row in rows if row[4] == RECORD))
    except LogDamaged as error:
        line = 2 + next(place for place, row in enumerate(rows) if row[0] == error.seq)
        raise BadFile(f"{path}:{line}: {error} Nothing was imported; export the run again.") from error
    if not rows or (end.events, end.hash.hex()) != announced:
        raise BadFile(
            f"{path} holds {end.events} events of {run}, but its first line announces {announced[0]} "
            f"with the last hash {announced[1][:12]}: the file was cut off or changed. Nothing was "
            "imported; export the run again."
        )
    return PortableRun(run, tuple(map(checked_event, rows)), end.hash)


def _line(event: Event) -> dict[str, Any]:
    values: dict[str, Any] = dict(zip(NAMES, event_row(event), strict=True))
    try:
        values["data"] = event.data.decode()
    except UnicodeDecodeError as error:
        raise BadFile(f"Seq {event.seq} of {event.run} is not UTF-8 text and cannot be exported.") from error
    return {**values, "hash": event.hash.hex()}


def rows_of(events: Iterable[Event]) -> Iterator[tuple[object, ...]]:
    """Yield the part of each event that an import keeps: everything but seq, time and hash."""
    for e in events:
        yield (e.run, e.version, e.id, e.kind, e.schema, e.sender, e.recipients, e.cause, e.data)
