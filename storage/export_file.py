"""Export of a run to a portable file in JSON Lines, verified by its hash chain.

The first line gives the format, the run, the number of events and the hash of the last one. Each further
line is a stored row with every column that its hash covers; the data are included as text.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .errors import BadFile, LogDamaged
from .event import Event
from .layout import COLUMNS
from .reader import Reader
from .redaction import RECORD, check_chain, recorded_digests
from .rows import to_event, to_row

FORMAT = "transfer-prompting/run/1"
_NAMES = tuple(COLUMNS.split(", "))
_TYPES: dict[str, type] = {"seq": int, "version": int, "schema": int, "at": int}


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
    reader.verify(run)
    events = list(reader.read(run))
    head = {"format": FORMAT, "run": run, "events": len(events), "hash": events[-1].hash.hex()}
    try:
        with path.open("x", encoding="utf-8") as file:
            file.writelines(
                json.dumps(line, ensure_ascii=False) + "\n" for line in (head, *map(_line, events))
            )
    except FileExistsError:
        raise BadFile(f"{path} already exists. Name another file with -o.") from None
    except OSError as error:
        raise BadFile(f"{path} cannot be written: {error.strerror}.") from error
    return len(events)


def read_portable(path: Path) -> PortableRun:
    """Read and verify an exported run.

    Raise `BadFile` if the file is not an exported run, has too few or too many lines, or has a row that was
    changed, left out or moved; the message then names the line.
    """
    try:
        with path.open(encoding="utf-8") as file:
            head, *lines = [_parsed(path, number, text) for number, text in enumerate(file, 1)]
    except FileNotFoundError:
        raise BadFile(f"There is no file {path}. `tp export RUN -o FILE` writes one.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise BadFile(f"{path} cannot be read: {error}.") from error
    except ValueError:
        raise BadFile(f"{path} is empty: it is not an exported run.") from None
    if head.get("format") != FORMAT:
        raise BadFile(f"{path} is not an exported run: its first line does not name the format {FORMAT!r}.")
    rows = [_row(path, number, line) for number, line in enumerate(lines, 2)]
    return _checked(path, head, rows)


def _checked(path: Path, head: dict[str, Any], rows: list[tuple[Any, ...]]) -> PortableRun:
    run = str(head.get("run"))
    try:
        end = check_chain(run, rows, recorded_digests(row for row in rows if row[4] == RECORD))
    except LogDamaged as error:
        line = 2 + next(place for place, row in enumerate(rows) if row[0] == error.seq)
        raise BadFile(f"{path}:{line}: {error} Nothing was imported; export the run again.") from error
    if not rows or end.events != head.get("events") or end.hash.hex() != head.get("hash"):
        raise BadFile(
            f"{path} holds {end.events} events of {run}, but its first line announces {head.get('events')} "
            f"with the last hash {str(head.get('hash'))[:12]}: the file was cut off or changed. Nothing was "
            "imported; export the run again."
        )
    if any(row[1] != run for row in rows):
        raise BadFile(f"{path} holds events of runs other than {run}. Nothing was imported.")
    return PortableRun(run, tuple(map(to_event, rows)), end.hash)


def _line(event: Event) -> dict[str, Any]:
    values: dict[str, Any] = dict(zip(_NAMES, to_row(event), strict=True))
    try:
        values["data"] = event.data.decode()
    except UnicodeDecodeError as error:
        raise BadFile(f"Seq {event.seq} of {event.run} is not UTF-8 text and cannot be exported.") from error
    return {**values, "hash": event.hash.hex()}


def _parsed(path: Path, number: int, text: str) -> dict[str, Any]:
    try:
        line = json.loads(text)
    except ValueError as error:
        raise BadFile(f"{path}:{number}: not JSON ({error}). Nothing was imported.") from error
    if not isinstance(line, dict):
        raise BadFile(f"{path}:{number}: not an object. Nothing was imported.")
    return line


def _row(path: Path, number: int, line: dict[str, Any]) -> tuple[Any, ...]:
    if set(line) != set(_NAMES):
        wrong = ", ".join(sorted(set(line) ^ set(_NAMES)))
        raise BadFile(f"{path}:{number}: missing or unknown fields: {wrong}. Nothing was imported.")
    for name, value in line.items():
        known = isinstance(value, _TYPES.get(name, str)) and not isinstance(value, bool)
        if not known and not (name == "cause" and value is None):
            raise BadFile(f"{path}:{number}: {name} = {value!r} has the wrong type. Nothing was imported.")
    try:
        return tuple(_stored(name, line[name]) for name in _NAMES)
    except ValueError as error:
        raise BadFile(f"{path}:{number}: {error}. Nothing was imported.") from error


def _stored(name: str, value: Any) -> Any:
    if name == "data":
        return value.encode()
    return bytes.fromhex(value) if name == "hash" else value


def rows_of(events: Iterable[Event]) -> Iterator[tuple[object, ...]]:
    """Yield the part of each event that an import keeps: everything but seq, time and hash."""
    for e in events:
        yield (e.run, e.version, e.id, e.kind, e.schema, e.sender, e.recipients, e.cause, e.data)
