"""Import a run that was exported to a file."""

from pathlib import Path

from ...agents.messages import RunImported
from ...storage.errors import BadFile, LogNotFound
from ...storage.event import Draft, Event
from ...storage.export_file import PortableRun, read_portable, rows_of
from ...storage.log import EventLog
from ...storage.opening import open_reader
from ...storage.place import Place, shown
from .notes import note


async def bring_in(path: Path, log_path: Place) -> tuple[str, int]:
    """Import the run in the file `path`; return its name and the number of events appended.

    If the log holds the same events already, nothing is appended. Raises `BadFile` if the file was changed,
    or if the log holds a run of the same name with other events.
    """
    found = read_portable(path)
    if _is_present(found, log_path, path):
        return found.run, 0
    log = await EventLog.open(log_path)
    try:
        await log.append([*map(_draft, found.events), _imported(found)])
    finally:
        await log.close()
    return found.run, len(found.events)


def _is_present(found: PortableRun, log_path: Place, path: Path) -> bool:
    try:
        with open_reader(log_path) as reader:
            present = list(reader.read(found.run))
    except LogNotFound:
        return False
    if not present:
        return False
    if list(rows_of(present[: len(found.events)])) != list(rows_of(found.events)):
        raise BadFile(
            f"{shown(log_path)} already holds a run {found.run} with other events than {path}. Import the "
            "file into another log (--log)."
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


def _imported(found: PortableRun) -> Draft:
    first, last = found.events[0], found.events[-1]
    message = RunImported(events=len(found.events), first_at=first.at, last_at=last.at, hash=found.hash.hex())
    return note(found.run, len(found.events) + 1, message)
