"""A server on 127.0.0.1 with configurable behaviour, and the errors of models that talk to it."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from transfer_prompting.agents.models.base import ModelError
from transfer_prompting.agents.models.openai.model import OpenAIModel

KEY = "sk-very-secret"
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def completion(content: Any = "hello", finish: str = "stop") -> dict[str, Any]:
    """Return a well-formed chat completion."""
    return {
        "choices": [{"message": {"role": "assistant", "content": content}, "finish_reason": finish}],
        "usage": {"prompt_tokens": 11, "completion_tokens": 3},
    }


class Endpoint:
    """Records its requests and answers as configured."""

    def __init__(self) -> None:
        self.handler: Handler = self.respond(completion())
        self.requests: list[tuple[dict[str, Any], dict[str, str]]] = []
        self.url = ""
        self.offered: list[str] = ["small", "large"]
        self.asked = asyncio.Event()
        self.asked_for_models = asyncio.Event()

    async def offer(self, request: web.Request) -> web.StreamResponse:
        self.asked_for_models.set()
        return web.json_response({"data": [{"id": name} for name in self.offered]})

    async def serve(self, request: web.Request) -> web.StreamResponse:
        self.requests.append((await request.json(), dict(request.headers)))
        self.asked.set()
        return await self.handler(request)

    @staticmethod
    def respond(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> Handler:
        text = body if isinstance(body, str) else json.dumps(body)

        async def handler(_: web.Request) -> web.StreamResponse:
            return web.Response(text=text, status=status, headers=headers)

        return handler

    @staticmethod
    def in_turn(*handlers: Handler) -> Handler:
        """Behave in one way after the other, and in the last way from then on."""
        left = list(handlers)

        async def handler(request: web.Request) -> web.StreamResponse:
            return await (left.pop(0) if len(left) > 1 else left[0])(request)

        return handler


@asynccontextmanager
async def serving(port: int = 0) -> AsyncIterator[Endpoint]:
    """Yield a server with an endpoint of its own."""
    endpoint = Endpoint()
    app = web.Application()
    app.router.add_get("/v1/models", endpoint.offer)
    app.router.add_post("/{path:.*}", endpoint.serve)
    async with TestServer(app, host="127.0.0.1", port=port) as server:
        endpoint.url = str(server.make_url("/v1"))
        yield endpoint


async def failure_of(model: OpenAIModel, request: Any) -> ModelError:
    """Return the error that the request ends with, after a check that it does not contain the key."""
    with pytest.raises(ModelError) as caught:
        await model.reply(request)
    assert KEY not in repr(caught.value) + str(caught.value) + str(caught.value.advice)
    return caught.value
