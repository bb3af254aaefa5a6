"""Batches: their order, their composition, and errors in them."""

import asyncio
import threading
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from transfer_prompting.agents.models.base import ModelError, ModelReply, ModelRequest
from transfer_prompting.agents.models.local.batching import Batcher, ReplyOrError


class Computer:
    """Replies with each request's own text, and records batches and threads."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.threads: set[int] = set()
        self.error: Exception | None = None

    def __call__(self, batch: Sequence[ModelRequest], _wanted: Callable[[], bool]) -> list[ReplyOrError]:
        texts = [request.messages[-1].text for request in batch]
        self.batches.append(texts)
        self.threads.add(threading.get_ident())
        if self.error is not None:
            raise self.error
        return [
            ModelError("bad_request", f"Bad: {text}.") if text.startswith("bad") else echo(text)
            for text in texts
        ]


def echo(text: str) -> ModelReply:
    """Return a reply with the given text."""
    return ModelReply(text=text, finish="stop", prompt_tokens=1, completion_tokens=1)


async def test_requests_submitted_together_form_consecutive_batches(ask: Any) -> None:
    """Requests of one turn of the event loop are split into batches in their order, and all are answered."""
    computer = Computer()
    batcher = Batcher(computer, size=3)
    replies = await asyncio.gather(*(batcher.reply(ask(f"{n}")) for n in range(8)))
    await batcher.close()
    assert computer.batches == [["0", "1", "2"], ["3", "4", "5"], ["6", "7"]]
    assert [reply.text for reply in replies] == [f"{n}" for n in range(8)]


async def test_replies_of_a_batch_come_in_order(ask: Any) -> None:
    """Callers of one batch are woken in the order of their requests."""
    woken = []
    batcher = Batcher(Computer(), size=4)

    async def caller(name: str) -> None:
        woken.append((await batcher.reply(ask(name))).text)

    await asyncio.gather(*map(caller, "abcdef"))
    await batcher.close()
    assert woken == list("abcdef")


async def test_callers_that_ask_again_are_batched_again(ask: Any) -> None:
    """Callers that are woken together have time to submit their next requests, even after some awaits."""
    computer = Computer()
    batcher = Batcher(computer, size=4)

    async def caller(name: str) -> None:
        for turn in range(3):
            await asyncio.create_task(batcher.reply(ask(f"{name}{turn}")))
            await asyncio.sleep(0)

    await asyncio.gather(*map(caller, "abcd"))
    await batcher.close()
    assert computer.batches == [[f"{name}{turn}" for name in "abcd"] for turn in range(3)]


async def test_kinds_are_not_mixed_and_the_oldest_goes_first(ask: Any) -> None:
    """A batch consists of the oldest request and the next ones of its kind; the other kind follows."""
    computer = Computer()
    batcher = Batcher(computer, size=2)
    requests = [ask("s0", options=("x",)), ask("g0"), ask("s1", options=("x",)), ask("g1"), ask("g2")]
    await asyncio.gather(*map(batcher.reply, requests))
    await batcher.close()
    assert computer.batches == [["s0", "s1"], ["g0", "g1"], ["g2"]]


async def test_batches_run_in_one_other_thread(ask: Any) -> None:
    """All batches run in one thread, which is not that of the event loop."""
    computer = Computer()
    batcher = Batcher(computer, size=1)
    await asyncio.gather(*(batcher.reply(ask(f"{n}")) for n in range(4)))
    await batcher.close()
    assert len(computer.threads) == 1
    assert threading.get_ident() not in computer.threads


async def test_one_bad_request_does_not_spoil_its_batch(ask: Any) -> None:
    """An error fails its own request; the others get their replies."""
    batcher = Batcher(Computer(), size=4)
    good, bad = await asyncio.gather(
        batcher.reply(ask("good")), batcher.reply(ask("bad")), return_exceptions=True
    )
    await batcher.close()
    assert isinstance(good, ModelReply)
    assert isinstance(bad, ModelError)


async def test_crash_reaches_every_caller_and_later_requests_work(ask: Any) -> None:
    """An unexpected exception fails all requests of its batch, and the next batch runs."""
    computer = Computer()
    computer.error = ZeroDivisionError("bug")
    batcher = Batcher(computer, size=4)
    results = await asyncio.gather(*(batcher.reply(ask("x")) for _ in range(2)), return_exceptions=True)
    assert [type(result) for result in results] == [ZeroDivisionError] * 2
    computer.error = None
    assert (await batcher.reply(ask("y"))).text == "y"
    await batcher.close()


async def test_cancelled_request_is_not_computed(ask: Any) -> None:
    """A request whose caller has gone is left out of its batch."""
    computer = Computer()
    batcher = Batcher(computer, size=4)
    kept, dropped = (asyncio.create_task(batcher.reply(ask(name))) for name in ("kept", "dropped"))
    await asyncio.sleep(0)
    dropped.cancel()
    assert (await kept).text == "kept"
    await batcher.close()
    assert computer.batches == [["kept"]]


async def test_closing_drops_the_queue_and_waits_for_the_batch(ask: Any) -> None:
    """On closing, the running batch gets its replies and queued requests are cancelled."""
    begun, go_on = threading.Event(), threading.Event()

    def compute(batch: Sequence[ModelRequest], _wanted: Callable[[], bool]) -> list[ReplyOrError]:
        begun.set()
        go_on.wait()
        return [echo("done")] * len(batch)

    batcher = Batcher(compute, size=1)
    running, waiting = (asyncio.create_task(batcher.reply(ask(name))) for name in "ab")
    await asyncio.to_thread(begun.wait)
    closing = asyncio.create_task(batcher.close())
    await asyncio.sleep(0)
    go_on.set()
    await closing
    assert (await running).text == "done"
    with pytest.raises(asyncio.CancelledError):
        await waiting


async def test_batch_is_wanted_while_a_caller_waits(ask: Any) -> None:
    """A running batch is wanted until its last caller is cancelled."""
    begun, answers, go_on = threading.Event(), [], threading.Semaphore(0)

    def compute(batch: Sequence[ModelRequest], wanted: Callable[[], bool]) -> list[ReplyOrError]:
        for _ in range(2):
            begun.set()
            go_on.acquire()
            answers.append(wanted())
        return [echo("late")] * len(batch)

    batcher = Batcher(compute, size=2)
    one, other = (asyncio.create_task(batcher.reply(ask(name))) for name in "ab")
    await asyncio.to_thread(begun.wait)
    one.cancel()
    await asyncio.wait([one])
    begun.clear()
    go_on.release()
    await asyncio.to_thread(begun.wait)
    other.cancel()
    await asyncio.wait([other])
    go_on.release()
    await batcher.close()
    assert answers == [True, False]


def test_batcher_outlives_an_event_loop(ask: Any) -> None:
    """A batcher serves one event loop after another."""
    batcher = Batcher(Computer(), size=2)
    for name in "ab":
        assert asyncio.run(batcher.reply(ask(name))).text == name
    asyncio.run(batcher.close())
