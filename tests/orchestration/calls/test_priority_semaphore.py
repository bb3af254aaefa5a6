"""The slots of a model: limited in number, admitted by rank, never lost."""

import asyncio

from transfer_prompting.orchestration.calls.priority_semaphore import PrioritySemaphore


async def test_no_more_than_there_are() -> None:
    """No more slots are held than exist, and each released slot is passed on."""
    slots, held, most = PrioritySemaphore(3), 0, 0

    async def hold() -> None:
        nonlocal held, most
        async with slots.hold(0):
            held += 1
            most = max(most, held)
            await asyncio.sleep(0)
            held -= 1

    await asyncio.gather(*(hold() for _ in range(20)))
    assert (most, held) == (3, 0)


async def test_the_urgent_come_first() -> None:
    """The smallest rank is admitted first, and equal ranks in the order of arrival."""
    slots, order = PrioritySemaphore(1), list[str]()

    async def hold(name: str, rank: int) -> None:
        async with slots.hold(rank):
            order.append(name)
            await asyncio.sleep(0)

    waiting = [("first", 1), ("evaluation", 1), ("another", 1), ("proposal", 0), ("judgement", 0)]
    await asyncio.gather(*(hold(*one) for one in waiting))
    assert order == ["first", "proposal", "judgement", "evaluation", "another"]


async def test_who_gives_up_takes_no_slot_along() -> None:
    """A call that is cancelled while it waits, or just as it is admitted, leaves the slots to the others."""
    slots, entered = PrioritySemaphore(1), asyncio.Event()

    async def hold() -> None:
        async with slots.hold(0):
            entered.set()
            await asyncio.sleep(3600)

    first = asyncio.create_task(hold())
    await entered.wait()
    waiting, given = asyncio.create_task(hold()), asyncio.create_task(hold())
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.sleep(0)
    given.cancel()
    await asyncio.gather(first, waiting, given, return_exceptions=True)
    async with asyncio.timeout(5), slots.hold(0):
        pass
