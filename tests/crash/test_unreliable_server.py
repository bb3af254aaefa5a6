"""A server that fails in every way a server can: the run waits it out or stops, and scores none of it."""

import json
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web
from carried_runs import small_config
from hanging import no_hanging  # noqa: F401 - a fixture
from tiny_runs import ignore, reply_by_hash, said

from transfer_prompting.agents.models.base import ModelRequest
from transfer_prompting.orchestration.calls import retry
from transfer_prompting.orchestration.config.settings import Config
from transfer_prompting.orchestration.errors import RunStopped
from transfer_prompting.orchestration.runtime import lifecycle
from transfer_prompting.storage.event import Event
from transfer_prompting.storage.sqlite.reader import LogReader

SLOTS = 4
FAULTS = [
    ["500"],
    ["429", "429", "429"],
    ["empty body"],
    ["truncated body"],
    ["no text", "no choices"],
    ["cut off", "503", "empty object"],
    [],
]
"""What the n-th different request meets before it is answered; the list begins anew at its end."""


class Server:
    """An OpenAI-compatible endpoint that answers by a hash once it is done with failing."""

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
    # Whatever comes with such a status, be it a whole completion, is no answer.
    return web.Response(status=int(fault), text=json.dumps(whole))


def completion(body: dict[str, object]) -> dict[str, object]:
    """What the server answers when nothing goes wrong."""
    text = reply_by_hash(ModelRequest.model_validate({"messages": body["messages"]}))
    choice = {"message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
    return {"choices": [choice], "usage": {"prompt_tokens": 9, "completion_tokens": 5}}


@asynccontextmanager
async def _serving(faults: list[list[str]]) -> AsyncIterator[Server]:
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
    """The newest run of a log."""
    with LogReader(log) as reader:
        return list(reader.read(reader.resolve("last")))


async def _run(folder: Path, url: str) -> list[Event]:
    await lifecycle.start(_config(folder, url), folder, folder / "log.db", ignore)
    return events_of(folder / "log.db")


async def test_faults_that_pass_change_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Errors, bursts of 429, empty, truncated and broken replies lead to what a calm run leads to."""
    monkeypatch.setattr(retry, "_FIRST_PAUSE", 0.0)
    monkeypatch.setenv("OPENAI_API_KEY", "not-a-secret")
    async with _serving([[]]) as server:
        calm = await _run(tmp_path / "calm", server.url)
    async with _serving(FAULTS) as server:
        rough = await _run(tmp_path / "rough", server.url)
    assert set(server.met) == {"none", *(fault for faults in FAULTS for fault in faults)}
    # The first message holds the server's address.
    assert sorted(said(rough)[1:]) == sorted(said(calm)[1:])
    assert not [event for event in rough if event.kind == "call.failed"]


async def test_a_refused_key_stops_the_run_within_a_few_requests(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the server answers 401 to all, no more is sent than there are slots, and nothing is scored."""
    monkeypatch.setenv("OPENAI_API_KEY", "not-a-secret")
    async with _serving([["401"] * 99]) as server:
        with pytest.raises(RunStopped, match="answered 401"):
            await _run(tmp_path / "refused", server.url)
    assert server.met.total() <= SLOTS
    events = events_of(tmp_path / "refused" / "log.db")
    assert events[-1].kind == "run.failed"
    assert not {"call.finished", "prompt.scored"} & {event.kind for event in events}
