"""Import a run that was exported to a file, or that another log holds."""

from pathlib import Path

from ...agents.messages import RunImported
from ...storage.errors import BadFile, LogNotFound
from ...storage.event import Draft, Event
from ...storage.export_file import PortableRun, portable_run, read_portable, rows_of
from ...storage.log import EventLog
from ...storage.opening import open_reader
from ...storage.place import Place, shown
from .notes import note


async def bring_in(path: Path, log_path: Place) -> tuple[str, int]:
    """Import the run in the file `path`; return its name and the number of events appended.

    If the log holds the same events already, nothing is appended. Raises `BadFile` if the file was changed,
    or if the log holds a run of the same name with other events.
    """
    portable = read_portable(path)
    if _is_present(portable, log_path, path):
        return portable.run, 0
    log = await EventLog.open(log_path)
    try:
        await _append(portable, log)
    finally:
        await log.close()
    return portable.run, len(portable.events)


async def merge(origin: Path, run: str, log: EventLog) -> None:
    """Import a run of the log at `origin` into another log, which is open for writing.

    If that log holds the same events already, nothing is appended. Raises `LogDamaged` if the run fails its
    verification, and `BadFile` if the log holds a run of the same name with other events.
    """
    with open_reader(origin) as reader:
        portable = portable_run(reader, run)
    if not _is_present(portable, log.place, origin):
        await _append(portable, log)


async def _append(portable: PortableRun, log: EventLog) -> None:
    await log.append([*map(_draft, portable.events), _imported(portable)])


def _is_present(portable: PortableRun, log_path: Place, origin: Path) -> bool:
    try:
        with open_reader(log_path) as reader:
            present = list(reader.read(portable.run))
    except LogNotFound:
        return False
    if not present:
        return False
    if list(rows_of(present[: len(portable.events)])) != list(rows_of(portable.events)):
        raise BadFile(
            f"{shown(log_path)} already holds a run {portable.run} with other events than {origin}. Import "
            "the run into another log (--log)."
        )
    return True


def _draft(event: Event) -> Draft:
    return Draft(
        run=event.run,
        id=event.id,
        kind=event.kind,
        schema=event.schema,
        sender=event.sender,
        recipients=event.recipients,
        cause=event.cause,
        data=event.data,
    )


def _imported(portable: PortableRun) -> Draft:
    events = portable.events
    message = RunImported(
        events=len(events), first_at=events[0].at, last_at=events[-1].at, hash=portable.hash.hex()
    )
    return note(portable.run, len(events) + 1, message)
