"""A chat completion server that fails as real ones do, and a run against it."""

import json
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp import web
from carried_runs import small_config
from hanging import no_hanging  # noqa: F401 - a fixture
from tiny_runs import ignore, reply_by_hash

from transfer_prompting.agents.models.base import ModelRequest
from transfer_prompting.orchestration.config.settings import Config
from transfer_prompting.orchestration.runtime import lifecycle
from transfer_prompting.storage.event import Event
from transfer_prompting.storage.sqlite.reader import LogReader

SLOTS = 4


class Server:
    """An OpenAI-compatible endpoint that answers by a hash after its failures."""

    def __init__(self, faults: list[list[str]]) -> None:
        self._faults = faults
        self._seen: Counter[str] = Counter()
        self.met: Counter[str] = Counter()
        self.url = ""

    async def answer(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        key = json.dumps(body)
        self._seen[key] += 1
        faults = self._faults[list(self._seen).index(key) % len(self._faults)]
        fault = faults[self._seen[key] - 1] if self._seen[key] <= len(faults) else "none"
        self.met[fault] += 1
        return await _respond(request, fault, body)


async def _respond(request: web.Request, fault: str, body: dict[str, object]) -> web.StreamResponse:
    whole = completion(body)
    match fault:
        case "none":
            return web.Response(text=json.dumps(whole))
        case "empty body":
            return web.Response(text="")
        case "truncated body":
            return web.Response(text=json.dumps(whole)[:40])
        case "no text":
            return web.Response(text=json.dumps({**whole, "choices": [{"message": {"content": None}}]}))
        case "no choices":
            return web.Response(text=json.dumps({**whole, "choices": []}))
        case "empty object":
            return web.Response(text="{}")
        case "cut off":
            response = web.StreamResponse(headers={"Content-Length": "1000"})
            await response.prepare(request)
            await response.write(json.dumps(whole).encode()[:40])
            assert request.transport is not None
            request.transport.abort()
            return response
    # A body with an error status is not an answer, even if it is a whole completion.
    return web.Response(status=int(fault), text=json.dumps(whole))


def completion(body: dict[str, object]) -> dict[str, object]:
    """Return the server's answer when nothing goes wrong."""
    text = reply_by_hash(ModelRequest.model_validate({"messages": body["messages"]}))
    choice = {"message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
    return {"choices": [choice], "usage": {"prompt_tokens": 9, "completion_tokens": 5}}


@asynccontextmanager
async def serving(faults: list[list[str]]) -> AsyncIterator[Server]:
    server = Server(faults)
    app = web.Application()
    app.router.add_post("/v1/chat/completions", server.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    server.url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
    try:
        yield server
    finally:
        await runner.cleanup()


def _config(folder: Path, url: str) -> Config:
    folder.mkdir()
    model = {"provider": "openai", "model": "m", "base_url": url, "concurrency": SLOTS}
    config = small_config(folder).model_dump(mode="json", exclude_unset=True)
    return Config.model_validate({**config, "models": {"scorer": model, "reference": model}})


def events_of(log: Path) -> list[Event]:
    """Return the newest run of a log."""
    with LogReader(log) as reader:
        return list(reader.read(reader.resolve("last")))


async def run(folder: Path, url: str) -> list[Event]:
    await lifecycle.start(_config(folder, url), folder, folder / "log.db", ignore)
    return events_of(folder / "log.db")
