"""Runs of the program in child processes, against a server that counts its requests."""

import asyncio
import json
import os
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp import web
from forked_programs import TP, Forked
from tiny_runs import reply_by_hash, write_task

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
    """An OpenAI-compatible endpoint that answers by a hash and remembers its requests."""

    def __init__(self) -> None:
        self.asked: Counter[str] = Counter()
        self.url = ""
        self.reached = asyncio.Event()
        self.mark = -1

    async def answer(self, request: web.Request) -> web.Response:
        body = await request.json()
        key = json.dumps([body["model"], body["messages"], body.get("seed")])
        self.asked[key] += 1
        if self.asked.total() == self.mark:
            self.reached.set()
        # Each model answers by a hash of its own.
        sample = (body.get("seed") or 0) + 1000 * (body["model"] != "m")
        text = reply_by_hash(ModelRequest.model_validate({"messages": body["messages"], "sample": sample}))
        choice = {"message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
        return web.json_response({"choices": [choice], "usage": {"prompt_tokens": 9, "completion_tokens": 5}})


@asynccontextmanager
async def serving() -> AsyncIterator[Server]:
    """Run a server on a free port of 127.0.0.1, which stops at the end."""
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


class Started:
    """A call of `tp` in a process of its own."""

    def __init__(self, program: Forked) -> None:
        self._program = program
        self.errors = ""
        """What it has written to standard error, once it has ended."""

    def kill(self) -> None:
        """End it at once."""
        self._program.kill()

    async def wait(self) -> int:
        """Return the exit status at its end. May be called once."""
        with self._program as program:
            _, self.errors = await asyncio.to_thread(program.communicate)
            return program.wait()


async def start_tp(folder: Path, *arguments: str) -> Started:
    environment = {**os.environ, "OPENAI_API_KEY": "not-a-secret"}
    quiet = (*arguments, "--display", "none")
    return Started(await asyncio.to_thread(Forked, TP, *quiet, folder=folder, environment=environment))


def prepare(folder: Path, url: str) -> None:
    for name in ("first", "second"):
        write_task(folder, name)
    (folder / "run.toml").write_text(CONFIG.replace("URL", url))


def events_in(folder: Path) -> list[Event]:
    with LogReader(folder / "transfer-prompting.db") as reader:
        run = reader.resolve("last")
        reader.verify(run)
        return list(reader.read(run))
