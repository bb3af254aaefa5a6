"""The landscape's server speaks OpenAI's protocol, counts correctly, and fails at the configured rates."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import aiohttp
import pytest
from aiohttp.test_utils import TestClient, TestServer
from asking import request
from landscape.faults import Faults
from server import ServerOptions, application, running

from transfer_prompting.agents.models.openai.model import OpenAIModel

Client = TestClient[Any, Any]
Serve = Callable[..., AbstractAsyncContextManager[Client]]
SMALL: dict[str, Any] = {"train": 10, "dev": 10, "test": 10}


@pytest.fixture
def serve() -> Serve:
    @asynccontextmanager
    async def served(**options: Any) -> AsyncIterator[Client]:
        app = application(ServerOptions(**SMALL, **options))
        async with TestClient(TestServer(app, host="127.0.0.1")) as client:
            yield client

    return served


def body(model: str = "task", text: str = "", **fields: Any) -> dict[str, Any]:
    """Return a request's body, by default for the first development example."""
    question = ServerOptions(**SMALL).make().target.dev[0].question
    return {
        "model": model,
        "messages": [{"role": "user", "content": text or f"Sort it. {question}"}],
        **fields,
    }


async def ask(client: Client, **fields: Any) -> dict[str, Any]:
    """Return one completion, which must succeed."""
    async with client.post("/v1/chat/completions", json=body(**fields)) as response:
        assert response.status == 200
        found: dict[str, Any] = await response.json()
        return found


async def read(client: Client, path: str) -> Any:
    async with client.get(path) as response:
        return await response.json()


async def test_the_projects_client_gets_the_models_reply(serve: Serve) -> None:
    """The reply over HTTP is the model's reply in process, tokens included."""
    ask = request(body()["messages"][0]["content"])
    async with serve() as client:
        model = OpenAIModel("task", str(client.make_url("/v1")), api_key=None)
        assert await model.reply(ask) == ServerOptions(**SMALL).make().answering(ask)
        await model.close()


async def test_tokens_are_counted_by_model(serve: Serve) -> None:
    """/stats is the sum of the usage of all replies, and /reset clears it."""
    async with serve() as client:
        usage = [(await ask(client))["usage"] for _ in range(3)]
        await ask(client, model="proposer", text="Improve it.")
        stats = await read(client, "/stats")
        assert stats["task"]["requests"] == 3
        assert stats["task"]["prompt_tokens"] == sum(one["prompt_tokens"] for one in usage)
        assert stats["task"]["completion_tokens"] == sum(one["completion_tokens"] for one in usage)
        assert stats["proposer"]["requests"] == 1
        await client.post("/reset")
        assert await read(client, "/stats") == {}


async def test_prompts_are_logged_with_the_tokens_spent_before(serve: Serve) -> None:
    """/prompts has each prompt once, with the task model's tokens before its first request."""
    question = body()["messages"][0]["content"].removeprefix("Sort it. ")
    async with serve() as client:
        for prompt in ("One way. ", "Another way. ", "One way. "):
            await ask(client, text=prompt + question)
        prompts = await read(client, "/prompts")
        stats = (await read(client, "/stats"))["task"]
    assert [(one["prompt"], one["requests"]) for one in prompts] == [("One way. ", 2), ("Another way. ", 1)]
    assert prompts[0]["first"] == 0 < prompts[1]["first"] < prompts[0]["last"]
    assert prompts[0]["last"] == stats["prompt_tokens"] + stats["completion_tokens"]


async def test_a_proposer_without_a_seed_varies(serve: Serve) -> None:
    """The same request gets new proposals, unless it has a seed or temperature 0."""
    async with serve() as client:

        async def replies(**fields: Any) -> int:
            said = [
                await ask(
                    client, model="proposer", text="Improve: Sort the message to the right desk.", **fields
                )
                for _ in range(8)
            ]
            return len({one["choices"][0]["message"]["content"] for one in said})

        assert await replies() > 2
        assert await replies(seed=4) == 1
        assert await replies(temperature=0) == 1


async def test_several_choices_are_given(serve: Serve) -> None:
    """`n` asks for `n` replies, all of which are counted."""
    async with serve() as client:
        found = await ask(client, model="proposer", text="Improve it.", n=3)
        assert len(found["choices"]) == 3
        assert (await read(client, "/stats"))["proposer"]["completion_tokens"] == found["usage"][
            "completion_tokens"
        ]


@pytest.mark.parametrize(
    ("fault", "status", "header"),
    [("server_error", 500, None), ("rate_limit", 429, "1"), ("unauthorised", 401, None)],
)
async def test_refusals_come_at_their_rate(serve: Serve, fault: str, status: int, header: str | None) -> None:
    """A fifth of many requests is refused, with a Retry-After if it is a 429, and a retry may succeed."""
    async with serve(faults=Faults.model_validate({fault: 0.2})) as client:
        statuses = []
        for _ in range(400):
            async with client.post("/v1/chat/completions", json=body()) as response:
                statuses.append(response.status)
                if response.status == status:
                    assert response.headers.get("Retry-After") == header
        assert statuses.count(200) + statuses.count(status) == 400
        assert 50 < statuses.count(status) < 110
        assert (await read(client, "/stats"))["task"]["faults"] == statuses.count(status)


@pytest.mark.parametrize("fault", ["empty", "truncated"])
async def test_broken_replies_come_at_their_rate(serve: Serve, fault: str) -> None:
    """A fifth of the replies with status 200 holds no completion."""
    async with serve(faults=Faults.model_validate({fault: 0.2})) as client:
        broken = 0
        for _ in range(400):
            async with client.post("/v1/chat/completions", json=body()) as response:
                assert response.status == 200
                text = await response.text()
                broken += not text.endswith("}")
                assert bool(text) != (fault == "empty" and not text.endswith("}"))
        assert 50 < broken < 110


async def test_slots_bound_the_requests_under_way(serve: Serve) -> None:
    """With two slots, busy time never exceeds twice the time that passed."""
    async with serve(slots=2, seconds_per_request=0.01) as client:
        loop = asyncio.get_running_loop()
        began = loop.time()
        await asyncio.gather(*(ask(client) for _ in range(10)))
        passed = loop.time() - began
        busy = (await read(client, "/stats"))["task"]["busy_seconds"]
    assert 0.1 <= busy <= 2 * passed


async def test_an_unknown_model_is_refused(serve: Serve) -> None:
    """A name that is not served gets status 404."""
    async with (
        serve() as client,
        client.post("/v1/chat/completions", json=body(model="other")) as response,
    ):
        assert response.status == 404


async def test_the_server_runs_in_a_process_of_its_own() -> None:
    """`running` yields an address that answers, and nothing listens there afterwards."""
    with running(ServerOptions(**SMALL)) as url:
        async with aiohttp.ClientSession() as session, session.get(f"{url}/models") as response:
            names = [model["id"] for model in (await response.json())["data"]]
        assert names == ["task", "proposer", "judge"]
    async with aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.ClientConnectorError):
            await session.get(f"{url}/models")
