"""Time one client's calls to a server; print calls per second and processor milliseconds per call as JSON.

    PYTHON benchmarks/clients_arms.py ARM BASE_URL CONCURRENCY CALLS

It runs in the interpreter that has the client. Only the arm "ours" needs this package there.
"""

import asyncio
import json
import logging
import os
import sys
import time
from collections.abc import Awaitable, Callable
from typing import Any

INSTRUCTION = "Read the ticket and say which team should answer it, then how sure you are. " * 10
Ask = Callable[[int], Awaitable[str]]


def question(number: int) -> str:
    """Return a prompt that differs from all others in its last lines."""
    return f"{INSTRUCTION}\n\nTicket {number}: I was charged twice for my order. Who answers?"


async def ours(url: str, concurrency: int) -> Ask:
    from transfer_prompting.agents.models.base import ChatMessage, ModelRequest
    from transfer_prompting.agents.models.openai.model import OpenAIModel

    model = OpenAIModel("m", url, api_key="k", concurrency=concurrency)

    async def ask(number: int) -> str:
        messages = (ChatMessage(role="user", content=question(number)),)
        return (await model.reply(ModelRequest(messages=messages))).text

    return ask


async def openai(url: str, concurrency: int) -> Ask:
    from openai import AsyncOpenAI

    client = AsyncOpenAI(base_url=url, api_key="k")

    async def ask(number: int) -> str:
        reply = await client.chat.completions.create(
            model="m",
            messages=[{"role": "user", "content": question(number)}],
            max_tokens=64,
            temperature=0.0,
        )
        return reply.choices[0].message.content or ""

    return ask


async def litellm(url: str, concurrency: int) -> Ask:
    import litellm

    async def ask(number: int) -> str:
        reply: Any = await litellm.acompletion(
            model="openai/m",
            api_base=url,
            api_key="k",
            messages=[{"role": "user", "content": question(number)}],
            max_tokens=64,
            temperature=0.0,
        )
        return str(reply.choices[0].message.content)

    return ask


async def dspy(url: str, concurrency: int) -> Ask:
    import dspy

    model = dspy.LM("openai/m", api_base=url, api_key="k", cache=False, temperature=0.0, max_tokens=64)

    async def ask(number: int) -> str:
        said: Any = await model.acall(messages=[{"role": "user", "content": question(number)}])
        return str(said[0])

    return ask


async def aiohttp(url: str, concurrency: int) -> Ask:
    """Post the same requests with aiohttp alone, without a client that parses the reply."""
    import aiohttp

    session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))

    async def ask(number: int) -> str:
        body = {"model": "m", "messages": [{"role": "user", "content": question(number)}], "max_tokens": 64}
        async with session.post(f"{url}/chat/completions", data=json.dumps(body).encode()) as response:
            return (await response.read()).decode()

    return ask


async def socket(url: str, concurrency: int) -> Ask:
    """Send the same bytes over bare connections, which shows the limit of the server."""
    host, port = url.removeprefix("http://").removesuffix("/v1").split(":")
    idle = [await asyncio.open_connection(host, int(port)) for _ in range(concurrency)]
    body = json.dumps({"model": "m", "messages": [{"role": "user", "content": question(0)}]}).encode()
    request = b"POST /v1/chat/completions HTTP/1.1\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)

    async def ask(_: int) -> str:
        reader, writer = idle.pop()
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        answer = await reader.readexactly(int(head.rsplit(b":", 1)[1]))
        idle.append((reader, writer))
        return answer.decode()

    return ask


ARMS = {arm.__name__: arm for arm in (ours, aiohttp, openai, litellm, dspy, socket)}


async def main(arm: str, url: str, concurrency: int, calls: int) -> None:
    """Print the figures and exit without cleanup, because most clients would warn of open connections."""
    ask = await ARMS[arm](url, concurrency)
    print(json.dumps(await measure(ask, concurrency, calls)), flush=True)
    os._exit(0)


async def measure(ask: Ask, concurrency: int, calls: int) -> dict[str, float]:
    """Time `calls` calls, `concurrency` at a time, after `concurrency` calls to warm up."""
    await asyncio.gather(*(ask(-n) for n in range(concurrency)))
    numbers = iter(range(calls))

    async def work() -> None:
        for number in numbers:
            if "Answer: yes" not in await ask(number):
                raise RuntimeError("The answer is not the server's.")

    began, cpu = time.perf_counter(), time.process_time()
    await asyncio.gather(*(work() for _ in range(concurrency)))
    seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
    return {"rate": calls / seconds, "cpu_ms": 1000 * cpu / calls}


if __name__ == "__main__":
    logging.disable(logging.WARNING)
    name, address, slots, many = sys.argv[1:]
    asyncio.run(main(name, address, int(slots), int(many)))
