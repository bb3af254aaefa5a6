"""The web server: its addresses, and its life from the first request to Ctrl-C."""

import asyncio
import signal
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from aiohttp import web

from ..errors import ConfigError
from .frame import FILES, file
from .guard import add_headers, guard
from .library import Library
from .news import stream_news
from .pages import Pages

ADDRESS = "127.0.0.1"
"""Nobody on another computer can reach the server."""
_MOST_LISTENERS = 64
_MOST_COMPARED = 8
_DIGITS = 19
"""Digits with which a number may be too large for a database."""
_LEAVING = 0.2
"""Seconds that open connections get when the server ends."""


class Site:
    """The addresses of the server, each with the page that it leads to."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._pages = Pages(library)
        # One at a time, because Matplotlib's settings belong to the whole process.
        self._slow = ThreadPoolExecutor(1, thread_name_prefix="page")
        self._fast = ThreadPoolExecutor(2, thread_name_prefix="now")
        self._listeners = 0

    def app(self) -> web.Application:
        """Return the application."""
        app = web.Application(middlewares=[guard(self._pages)])
        app.on_response_prepare.append(add_headers)
        app.add_routes(
            [
                web.get("/", self._runs),
                web.get("/runs/{run}", self._run),
                web.get("/runs/{run}/now", self._now),
                web.get("/runs/{run}/events", self._events),
                web.get("/compare", self._compare),
                web.get("/experience", self._experience),
                web.get("/studies", self._studies),
                web.get("/studies/{name}", self._study),
                web.get("/files/{name}", self._file),
                web.get("/favicon.ico", self._nothing),
            ]
        )
        return app

    async def _runs(self, _request: web.Request) -> web.Response:
        return await self._made(self._pages.runs, self._fast)

    async def _run(self, request: web.Request) -> web.Response:
        return await self._made(partial(self._pages.run, *_named(request)))

    async def _now(self, request: web.Request) -> web.Response:
        return await self._made(partial(self._pages.now_part, *_named(request)), self._fast)

    async def _events(self, request: web.Request) -> web.StreamResponse:
        run, _ = _named(request)
        if self._listeners >= _MOST_LISTENERS:
            raise web.HTTPServiceUnavailable
        self._listeners += 1
        try:
            with self._library.reader(run) as reader:
                return await stream_news(request, reader, run, _after(request))
        finally:
            self._listeners -= 1

    async def _compare(self, request: web.Request) -> web.Response:
        runs = list(dict.fromkeys(request.query.getall("run", [])))
        if not 1 < len(runs) <= _MOST_COMPARED:
            raise ConfigError(f"Choose two to {_MOST_COMPARED} runs to compare.")
        return await self._made(partial(self._pages.compared, runs, request.query.get("target")))

    async def _experience(self, _request: web.Request) -> web.Response:
        return await self._made(self._pages.experience)

    async def _studies(self, _request: web.Request) -> web.Response:
        return await self._made(self._pages.studies, self._fast)

    async def _study(self, request: web.Request) -> web.Response:
        return await self._made(partial(self._pages.study, request.match_info["name"]))

    async def _file(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        if name not in FILES:
            raise web.HTTPNotFound
        return web.Response(text=file(name), content_type=FILES[name], charset="utf-8")

    async def _nothing(self, _request: web.Request) -> web.Response:
        return web.Response(status=204)

    async def _made(self, make: Callable[[], str], pool: ThreadPoolExecutor | None = None) -> web.Response:
        loop = asyncio.get_running_loop()
        text = await loop.run_in_executor(pool or self._slow, make)
        return web.Response(text=text, content_type="text/html", charset="utf-8")


def _named(request: web.Request) -> tuple[str, str | None]:
    """Return the run and the target that an address names. They are only ever compared with names."""
    return request.match_info["run"], request.query.get("target")


def _after(request: web.Request) -> int:
    """Return the seq that the browser has seen; it names the last one when it connects again."""
    given = request.headers.get("Last-Event-ID") or request.query.get("after", "0")
    return int(given) if given.isascii() and given.isdigit() and len(given) < _DIGITS else 0


async def serve(library: Library, port: int, ready: Callable[[str], None]) -> None:
    """Serve until the process is interrupted or terminated; `ready` is told the address.

    Raise `ConfigError` if the port cannot be used.
    """
    runner = web.AppRunner(Site(library).app(), access_log=None, shutdown_timeout=_LEAVING)
    await runner.setup()
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    try:
        await _listen(runner, port)
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stop.set)
        ready(f"http://{ADDRESS}:{runner.addresses[0][1]}/")
        await stop.wait()
    finally:
        await runner.cleanup()


async def _listen(runner: web.AppRunner, port: int) -> None:
    try:
        await web.TCPSite(runner, ADDRESS, port).start()
    except OSError as error:
        why = error.strerror.partition(":")[0] if error.strerror else str(error)
        raise ConfigError(
            f"Port {port} of {ADDRESS} cannot be used ({why}). Choose another with --port, or any free one "
            "with --port 0."
        ) from error
