"""Logs of runs written by hand."""

from pathlib import Path

from transfer_prompting.storage.event import Draft, Event
from transfer_prompting.storage.log import EventLog


async def write(path: Path, events: list[Event]) -> None:
    """Write those events to a log."""
    log = await EventLog.open(path)
    await log.append(
        [Draft(e.run, e.id, e.kind, e.schema, e.sender, e.recipients, e.cause, e.data) for e in events]
    )
    await log.close()
