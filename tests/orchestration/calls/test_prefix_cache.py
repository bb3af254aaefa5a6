"""A run reports the hits of a server's prefix cache, which the server counts over all its requests."""

from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer, unused_port

from transfer_prompting.agents.models.base import CacheCounting
from transfer_prompting.agents.models.openai.model import OpenAIModel
from transfer_prompting.orchestration.calls.model_pool import ModelPool
from transfer_prompting.orchestration.calls.prefix_cache import report_cache_hits

METRICS = "vllm:prefix_cache_queries_total %d\nvllm:prefix_cache_hits_total %d\n"


async def hits(*counts: int, **model: Any) -> list[str]:
    """Return the remarks if a server reports these hits in turn, with 1200 more tokens each time."""
    asked = 0

    async def metrics(_: web.Request) -> web.Response:
        nonlocal asked
        asked += 1
        return web.Response(text=METRICS % (1200 * asked, counts[asked - 1]))

    said: list[str] = []
    app = web.Application()
    app.router.add_get("/metrics", metrics)
    async with TestServer(app, host="127.0.0.1") as server:
        client = OpenAIModel("m", str(server.make_url("/v1")), api_key=None, **model)
        assert isinstance(client, CacheCounting)
        async with report_cache_hits(ModelPool.of({"scorer": client, "reference": client}), said.append):
            pass
        await client.close()
    return said


async def test_the_share_of_a_run_is_that_of_its_own_time() -> None:
    """Earlier counts are subtracted, and a model of two roles is reported once."""
    [said] = await hits(400, 1300, server="vllm")
    assert said.endswith(": 75% of 1,200 prompt tokens were found there.")


async def test_only_a_server_known_to_be_vllm_is_asked() -> None:
    """Servers that are not known to be vLLM are not asked for metrics."""
    assert await hits(server="openai") == []


async def test_a_server_that_is_not_there_is_no_error_yet() -> None:
    """A server that cannot be reached is no error here; its first call reports it."""
    client = OpenAIModel("m", f"http://127.0.0.1:{unused_port()}/v1", api_key=None, server="vllm")
    assert await client.cache_counters() is None
    await client.close()
