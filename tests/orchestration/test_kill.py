"""The program itself, killed with SIGKILL in the middle of a run against a real HTTP server, and resumed."""

import asyncio
import json
import os
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web
from tiny_runs import finished_keys, reply_by_hash, said, write_task

from transfer_prompting.agents.models.base import ModelRequest
from transfer_prompting.storage.event import Event
from transfer_prompting.storage.sqlite.reader import LogReader

CONFIG = """
name = "killed"
[source]
tasks = ["first"]
steps = 2
candidates = 3
examples = 6
[target]
task = "second"
steps = 2
candidates = 3
examples = 6
test_examples = 6
[search]
seed_prompts = false
operators = ["history", "extend", "paraphrase"]
promote = 2
[models.scorer]
provider = "openai"
model = "m"
base_url = "URL"
[models.reference]
provider = "openai"
model = "m"
base_url = "URL"
"""


class Server:
    """An OpenAI-compatible endpoint that answers by a hash and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: Counter[str] = Counter()
        self.url = ""
        self.reached = asyncio.Event()
        self.mark = -1

    async def answer(self, request: web.Request) -> web.Response:
        body = await request.json()
        key = json.dumps([body["messages"], body.get("seed")])
        self.asked[key] += 1
        if self.asked.total() == self.mark:
            self.reached.set()
        text = reply_by_hash(
            ModelRequest.model_validate({"messages": body["messages"], "sample": body.get("seed") or 0})
        )
        choice = {"message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
        return web.json_response({"choices": [choice], "usage": {"prompt_tokens": 9, "completion_tokens": 5}})


@asynccontextmanager
async def serving() -> AsyncIterator[Server]:
    """A server on a free port of 127.0.0.1, stopped at the end."""
    server = Server()
    app = web.Application()
    app.router.add_post("/v1/chat/completions", server.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    server.url = f"http://127.0.0.1:{port}/v1"
    try:
        yield server
    finally:
        await runner.cleanup()


async def _tp(folder: Path, *arguments: str) -> asyncio.subprocess.Process:
    program = "from transfer_prompting.orchestration.cli import main; main()"
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", program, *arguments, "--display", "none"),
        cwd=folder,
        env={**os.environ, "OPENAI_API_KEY": "not-a-secret"},
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )


def _prepare(folder: Path, url: str) -> None:
    for name in ("first", "second"):
        write_task(folder, name)
    (folder / "run.toml").write_text(CONFIG.replace("URL", url))


def _events(folder: Path) -> list[Event]:
    with LogReader(folder / "transfer-prompting.db") as reader:
        run = reader.resolve("last")
        reader.verify(run)
        return list(reader.read(run))


@pytest.mark.parametrize("marks", [(1, 20, 60), (33, 34, 35)])
async def test_killed_three_times(tmp_path: Path, marks: tuple[int, ...]) -> None:
    """After three SIGKILLs the conversation is the one of a run that was never killed.

    No call with a reply in the log is made again, and the key is nowhere in the log.
    """
    async with serving() as server:
        whole, killed = tmp_path / "whole", tmp_path / "killed"
        _prepare(whole, server.url)
        _prepare(killed, server.url)
        assert await (await _tp(whole, "run", "run.toml")).wait() == 0
        paid = server.asked.copy()
        server.asked.clear()
        for number, mark in enumerate(marks):
            server.mark = server.asked.total() + mark
            server.reached.clear()
            process = await _tp(killed, "resume", "last") if number else await _tp(killed, "run", "run.toml")
            ended = asyncio.create_task(process.wait())
            reached = asyncio.create_task(server.reached.wait())
            await asyncio.wait({ended, reached}, return_when=asyncio.FIRST_COMPLETED)
            reached.cancel()
            if not ended.done():
                process.kill()
            await ended
        assert await (await _tp(killed, "resume", "last")).wait() == 0
        events = _events(killed)
        # Messages name no run, so that two runs of one configuration can be compared to the byte.
        assert sorted(said(events)) == sorted(said(_events(whole)))
        keys = finished_keys(events)
        assert len(keys) == len(set(keys))
        assert set(server.asked) == set(paid)
        resumed = [json.loads(e.data)["reissued"] for e in events if e.kind == "run.resumed"]
        assert (server.asked - paid).total() <= sum(map(len, resumed))
        assert not any(b"not-a-secret" in event.data for event in events)
