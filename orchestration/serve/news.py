"""News of a run as server-sent events: that something happened, never what. The page then asks for it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

from aiohttp import web

from ...storage.reader import Reader
from ..projections.run_status import STATUSES

_GAP = 1.0
"""Seconds between two pieces of news, so that a fast run does not keep the browser busy."""
_PAGE_GAP = 5.0
"""Seconds between two renewals of a whole page, which costs more than the part on top."""
_SILENCE = 15.0
"""Seconds after which an empty line shows whether somebody is still listening."""
_CHAPTERS = frozenset((*STATUSES, "stage.finished", "race.finished", "target.finished", "prompt.promoted"))
"""Kinds of events after which the whole page is worth renewing."""


class News:
    """What has happened in a run since it was last told."""

    def __init__(self, after: int) -> None:
        self.seq = after
        self._chapter = False
        self._told_page = float("-inf")
        self._happened = asyncio.Event()

    async def listen(self, reader: Reader, run: str) -> None:
        """Take in the events of a run, for as long as it is not cancelled."""
        async for event in reader.follow(run, after=self.seq):
            self.seq = event.seq
            self._chapter |= event.kind in _CHAPTERS
            self._happened.set()

    async def tell(self) -> AsyncIterator[bytes]:
        """Yield lines for the browser: "now" for the present moment, "page" for the whole page."""
        while True:
            try:
                async with asyncio.timeout(_SILENCE):
                    await self._happened.wait()
            except TimeoutError:
                yield b":\n\n"
                continue
            self._happened.clear()
            yield f"event: {self._kind()}\nid: {self.seq}\ndata: {self.seq}\n\n".encode()
            await asyncio.sleep(_GAP)
            if self._chapter and not self._happened.is_set():
                # The page is behind, and no further event may come to say so.
                self._happened.set()

    def _kind(self) -> str:
        now = asyncio.get_running_loop().time()
        if not self._chapter or now - self._told_page < _PAGE_GAP:
            return "now"
        self._chapter, self._told_page = False, now
        return "page"


async def stream_news(request: web.Request, reader: Reader, run: str, after: int) -> web.StreamResponse:
    """Send the news of a run until the browser leaves, or the server ends."""
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    await response.prepare(request)
    news = News(after)
    listening = asyncio.create_task(news.listen(reader, run))
    try:
        async for line in news.tell():
            if listening.done():
                break
            await response.write(line)
    except ConnectionError:
        pass
    finally:
        listening.cancel()
        with suppress(asyncio.CancelledError, Exception):
            await listening
    return response
