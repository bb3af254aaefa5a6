"""The server of `tp serve` in the loop of a test, and logs that grow as a run makes them."""

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp import web

from transfer_prompting.orchestration.serve.library import Library, ServedStudy
from transfer_prompting.orchestration.serve.server import ADDRESS, Site
from transfer_prompting.storage.event import Draft, Event
from transfer_prompting.storage.log import EventLog
from transfer_prompting.storage.place import Place


@asynccontextmanager
async def serving(place: Place, studies: Sequence[Path] = ()) -> AsyncIterator[str]:
    """Yield the address of a server of the log at `place`."""
    library = Library(place, [ServedStudy.read(file) for file in studies])
    runner = web.AppRunner(Site(library).app(), shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, ADDRESS, 0).start()
        yield f"http://{ADDRESS}:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def write(log: EventLog, events: Iterable[Event]) -> None:
    """Append events of another log as they were."""
    await log.append(
        [Draft(e.run, e.id, e.kind, e.schema, e.sender, e.recipients, e.cause, e.data) for e in events]
    )
