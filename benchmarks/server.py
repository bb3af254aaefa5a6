"""Serve a landscape over OpenAI-compatible HTTP on 127.0.0.1, and count the requests.

    python benchmarks/server.py '{"landscape": "hidden_rules", "seed": 1}'

The models are "task", "proposer" and, except on `two_modules`, "judge". GET /stats gives the counts by model,
GET /prompts every prompt evaluated so far, and POST /reset clears both. The first line on stdout is the base
URL, which ends in /v1.
"""

import asyncio
import contextlib
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from aiohttp import web
from landscape import Landscape, Sizes, make_landscape
from landscape.faults import Fault, Faults, FaultSource
from landscape.frames import prompt_and_example
from landscape.tally import Tally
from landscape.two_modules import TwoModules, make_two_modules
from pydantic import BaseModel, ConfigDict, Field

from transfer_prompting.agents.models.base import ChatMessage, ModelReply, ModelRequest
from transfer_prompting.agents.models.scripted import ScriptedModel

TWO_MODULES = "two_modules"
"""Name of the landscape on which a program of two calls runs."""
_STATUS = {"server_error": 500, "rate_limit": 429, "unauthorised": 401}
_ATTACHED = "--attached"
"""Option by which the server ends with its parent process, even a killed one: its standard input closes."""
_MOST_TOKENS = 4096
"""Tokens of a reply if the request sets no limit."""


class ServerOptions(BaseModel):
    """Settings of the server: its landscape, speed and reliability."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    landscape: str = "hidden_rules"
    seed: int = 0
    train: int = 100
    dev: int = 100
    test: int = 400
    slots: int = Field(default=16, ge=1)
    """Requests that each model works on at the same time. The others wait."""
    seconds_per_request: float = Field(default=0.0, ge=0)
    seconds_per_token: float = Field(default=0.0, ge=0)
    """Seconds that a completion takes."""
    faults: Faults = Faults()

    def make(self) -> Landscape:
        """Return the landscape that is served."""
        return make_landscape(self.landscape, self.seed, self.sizes)

    def make_two_modules(self) -> TwoModules:
        """Return the landscape of two modules that is served."""
        return make_two_modules(self.seed, self.sizes)

    def models(self) -> dict[str, ScriptedModel]:
        """Return the models that are served, by name."""
        if self.landscape == TWO_MODULES:
            program = self.make_two_modules()
            return {"task": program.task_model(), "proposer": program.proposer_model()}
        world = self.make()
        return {"task": world.task_model(), "proposer": world.proposer_model(), "judge": world.judge_model()}

    @property
    def sizes(self) -> Sizes:
        """Number of examples in each split."""
        return Sizes(self.train, self.dev, self.test)


class Service:
    """The handlers of the server, and their counts."""

    def __init__(self, options: ServerOptions) -> None:
        self._options = options
        self._models = options.models()
        self._slots = {name: asyncio.Semaphore(options.slots) for name in self._models}
        self._faults = FaultSource(options.faults, options.seed)
        self.tally = Tally()

    async def complete(self, request: web.Request) -> web.Response:
        """Answer a request for a chat completion."""
        body = await request.json()
        name = body.get("model")
        if name not in self._models:
            return _refused(404, f"There is no model {name!r}; there are {', '.join(self._models)}.")
        self.tally.of(name).requests += 1
        async with self._slots[name]:
            began = time.perf_counter()
            try:
                return await self._served(name, body)
            finally:
                self.tally.of(name).worked(began, time.perf_counter())

    async def _served(self, name: str, body: dict[str, Any]) -> web.Response:
        key = json.dumps([name, body.get("messages"), body.get("seed")])
        fault = self._faults.next(key)
        if fault is not None:
            self.tally.of(name).faults += 1
        if fault in _STATUS:
            await asyncio.sleep(self._options.seconds_per_request)
            return _refused(_STATUS[fault], f"simulated {fault}")
        replies = [await self._reply(name, body, key) for _ in range(body.get("n") or 1)]
        tokens = sum(reply.completion_tokens for reply in replies)
        pause = self._options.seconds_per_request + tokens * self._options.seconds_per_token
        if pause:
            await asyncio.sleep(pause)
        return _completion(name, replies, fault)

    async def _reply(self, name: str, body: dict[str, Any], key: str) -> ModelReply:
        # A model with a temperature and without a seed gives a different reply to each request.
        varied = body.get("seed") is None and body.get("temperature", 1.0) > 0
        request = ModelRequest(
            messages=tuple(_message(message) for message in body["messages"]),
            max_tokens=body.get("max_tokens") or body.get("max_completion_tokens") or _MOST_TOKENS,
            temperature=body.get("temperature", 1.0),
            seed=body.get("seed"),
            sample=self.tally.next_sample(key) if varied and name != "task" else 0,
        )
        reply = await self._models[name].reply(request)
        asked = prompt_and_example(request) if name == "task" else None
        self.tally.replied(name, reply, asked[0] if asked else None)
        return reply

    async def list_models(self, _request: web.Request) -> web.Response:
        """List the names of the models."""
        data = [{"id": name, "object": "model", "owned_by": "landscape"} for name in self._models]
        return web.json_response({"object": "list", "data": data})

    async def stats(self, _request: web.Request) -> web.Response:
        """Return the counts by model."""
        return web.json_response(self.tally.as_json())

    async def prompts(self, _request: web.Request) -> web.Response:
        """Return every prompt that the task model was asked with."""
        return web.json_response(self.tally.prompts_as_json())

    async def reset(self, _request: web.Request) -> web.Response:
        """Clear all counts."""
        self.tally = Tally()
        return web.json_response({})


def application(options: ServerOptions) -> web.Application:
    """Return the web application with its routes."""
    service = Service(options)
    app = web.Application(client_max_size=2**24)
    app.router.add_post("/v1/chat/completions", service.complete)
    app.router.add_get("/v1/models", service.list_models)
    app.router.add_get("/stats", service.stats)
    app.router.add_get("/prompts", service.prompts)
    app.router.add_post("/reset", service.reset)
    return app


@contextlib.contextmanager
def running(options: ServerOptions) -> Iterator[str]:
    """Run a server in a process of its own and yield its base URL, which ends in /v1."""
    command = [sys.executable, str(Path(__file__).resolve()), options.model_dump_json(), _ATTACHED]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            url = process.stdout.readline().strip()
            if not url:
                raise RuntimeError("The server did not start; its own message is above.")
            yield url
        finally:
            process.terminate()


def _message(message: dict[str, Any]) -> ChatMessage:
    content = message["content"]
    if not isinstance(content, str):
        content = "\n".join(part.get("text", "") for part in content or [])
    role = "system" if message["role"] == "developer" else message["role"]
    return ChatMessage.model_validate({"role": role, "content": content})


def _completion(model: str, replies: list[ModelReply], fault: Fault | None) -> web.Response:
    text = json.dumps(
        {
            "id": "chatcmpl-landscape",
            "object": "chat.completion",
            "created": 0,
            "model": model,
            "choices": [
                {
                    "index": index,
                    "message": {"role": "assistant", "content": reply.text},
                    "finish_reason": reply.finish,
                }
                for index, reply in enumerate(replies)
            ],
            "usage": _usage(replies),
        }
    )
    cut = {"empty": 0, "truncated": len(text) // 2}.get(fault or "", len(text))
    return web.Response(text=text[:cut], content_type="application/json")


def _usage(replies: list[ModelReply]) -> dict[str, int]:
    asked = sum(reply.prompt_tokens for reply in replies)
    said = sum(reply.completion_tokens for reply in replies)
    return {"prompt_tokens": asked, "completion_tokens": said, "total_tokens": asked + said}


def _refused(status: int, message: str) -> web.Response:
    headers = {"Retry-After": "1"} if status == 429 else {}
    return web.json_response({"error": {"message": message}}, status=status, headers=headers)


async def _serve(options: ServerOptions) -> None:
    runner = web.AppRunner(application(options), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    print(f"http://{host}:{port}/v1", flush=True)
    if _ATTACHED in sys.argv:
        await asyncio.to_thread(sys.stdin.read)
    else:
        await asyncio.Event().wait()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(ServerOptions.model_validate_json(sys.argv[1])))
