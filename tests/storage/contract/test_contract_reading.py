"""What every store promises to readers."""

import asyncio
from contextlib import aclosing

import orjson
import pytest
from async_generators import closable
from log_stores import Store, draft

from transfer_prompting.storage.errors import StorageError, UnknownRun
from transfer_prompting.storage.event import Draft
from transfer_prompting.storage.log import EventLog
from transfer_prompting.storage.opening import open_reader


def answer(number: int) -> Draft:
    return Draft("run-a", f"answer-{number}", "call.finished", 1, "m/x", (), f"run-a/{number}", b"{}")


def reply(number: int, run: str, key: str) -> Draft:
    """A reply as it is stored: the key stands behind the kind."""
    data = b'{"kind":"call.finished","key":"%s","latency":%d}' % (key.encode(), number)
    return Draft(run, f"{run}/reply-{number}", "call.finished", 1, "m/x", (), f"{run}/{number}", data)


def test_replies_by_their_key(store: Store) -> None:
    """A reply is found by what was asked, in all runs or in some, the first committed first."""
    one, two = "1" * 32, "2" * 32
    store.write(reply(1, "a", one), reply(2, "b", two), reply(3, "b", one), draft(1, "b", b"{}"))
    with open_reader(store.place) as reader:
        assert [event.seq for event in reader.answers_with(one)] == [1, 3]
        assert [event.seq for event in reader.answers_with(one, ["b", "c"])] == [3]
        assert [event.seq for event in reader.answers_with(two, ["a"])] == []
        assert reader.answers_with(one, []) == reader.answers_with("3" * 32) == []


def test_no_log(store: Store) -> None:
    """Where there is no log, the reader says so and makes none."""
    for _ in range(2):
        with pytest.raises(StorageError, match="There is no log"):
            open_reader(store.place)


def test_empty_log(store: Store) -> None:
    """A log that has just been made is an empty one."""
    with store.writing(), open_reader(store.place) as reader:
        assert list(reader.read("run-a")) == []
        assert reader.runs() == []
        assert reader.verify("run-a") == 0
        with pytest.raises(UnknownRun, match="holds no run yet"):
            reader.resolve("last")


def test_read_a_part(store: Store) -> None:
    """A reader gets what comes after a seq, or only some kinds."""
    store.write(draft(1), answer(1), draft(2), answer(2))
    with open_reader(store.place) as reader:
        assert [e.seq for e in reader.read("run-a", after=2)] == [3, 4]
        assert [e.seq for e in reader.read("run-a", kinds=("call.finished", "x"))] == [2, 4]
        assert [e.seq for e in reader.read("run-a", after=2, kinds=("call.finished",))] == [4]


def test_single_events(store: Store) -> None:
    """One event is found by its seq, and a reply by the call it answers."""
    store.write(draft(1), draft(2), answer(2))
    with open_reader(store.place) as reader:
        assert reader.event("run-a", 2).id == "run-a/2"
        assert reader.answer_to("run-a", "run-a/2").seq == 3
        with pytest.raises(UnknownRun):
            reader.event("run-b", 2)
        with pytest.raises(UnknownRun):
            reader.answer_to("run-a", "run-a/1")


def test_what_replies_add_up_to(store: Store) -> None:
    """Replies are added up by model and by whether they were reused, up to a version; redacted ones count."""

    def reply(number: int, reused: str | None = None, cached: int = 0, sender: str = "model/a") -> Draft:
        tokens = {
            "text": "\u00e9",
            "prompt_tokens": 10 * number,
            "completion_tokens": 1,
            "cached_tokens": cached,
        }
        data = orjson.dumps({"reply": tokens, "attempts": 2, "reused": reused})
        return Draft("run-a", f"reply-{number}", "call.finished", 1, sender, (), f"run-a/{number}", data)

    store.write(
        draft(1),
        reply(1),
        reply(2, cached=5),
        reply(3, cached=99),
        reply(4, "run-a/1"),
        reply(5, sender="model/b"),
    )
    store.write(reply(6))
    with open_reader(store.place) as reader:
        found = [tuple(replies) for replies in reader.reply_sums("run-a", 6)]
        assert found == [
            ("model/a", 1, False, 3, 60, 35, 3, 6),
            ("model/a", 1, True, 1, 40, 0, 1, 2),
            ("model/b", 1, False, 1, 50, 0, 1, 2),
        ]
        assert {type(number) for replies in reader.reply_sums("run-a", 6) for number in replies[3:]} == {int}
        assert reader.answered("run-a", {"run-a/1", "run-a/6", "run-a/7"}, 6) == 1
        assert reader.answered("run-a", set(), 6) == 0
        assert reader.reply_sums("run-b", 6) == []
    store.hurt("UPDATE event SET data = ? WHERE seq = 2", b"")
    with open_reader(store.place) as reader:
        assert tuple(reader.reply_sums("run-a", 6)[0]) == ("model/a", 1, False, 3, 50, 35, 2, 4)


def test_neighbours(store: Store) -> None:
    """A reader finds the last event of a run, and the one before another, whatever other runs say between."""
    store.write(draft(1), draft(1, "run-b"), draft(2))
    with open_reader(store.place) as reader:
        last = reader.last("run-a")
        assert last is not None
        assert last.seq == 3
        before = reader.before(last)
        assert before is not None
        assert (before.seq, reader.before(before), reader.last("run-c")) == (1, None, None)


def test_runs(store: Store) -> None:
    """Runs are listed from the oldest to the newest with their events, times and last kind."""
    store.write(draft(1, "b"), draft(1, "a"), draft(2, "b"))
    with open_reader(store.place) as reader:
        found = [(r.run, r.events, r.first_at, r.last_at, r.last_kind) for r in reader.runs()]
    assert found == [("b", 2, 1, 3, "call.requested"), ("a", 1, 2, 2, "call.requested")]


def test_resolve(store: Store) -> None:
    """A run is found by its name, by the start of it, or as the last one."""
    store.write(draft(1, "tea-1"), draft(1, "tea-12"), draft(1, "coffee"))
    with open_reader(store.place) as reader:
        assert [reader.resolve(n) for n in ("tea-1", "tea-12", "cof", "last")] == [
            "tea-1",
            "tea-12",
            "coffee",
            "coffee",
        ]
        with pytest.raises(UnknownRun, match="fits several"):
            reader.resolve("tea")
        with pytest.raises(UnknownRun, match="There is no run"):
            reader.resolve("milk")


async def test_follow(store: Store) -> None:
    """A follower gets what is there and then each new event of its run, in order and once."""
    log = await EventLog.open(store.place)
    await log.append([draft(1), draft(1, "run-b"), draft(2)])
    with open_reader(store.place) as reader:
        async with aclosing(closable(reader.follow("run-a", after=1))) as followed, asyncio.timeout(30):
            assert (await anext(followed)).seq == 3
            waiting = asyncio.ensure_future(anext(followed))
            await log.append([draft(2, "run-b")])
            for number in range(3, 40):
                await log.append([draft(number), draft(number, "run-b")])
            assert (await waiting).seq == 5
            assert [(await anext(followed)).id for _ in range(36)] == [f"run-a/{n}" for n in range(4, 40)]
    await log.close()


async def test_followers_of_several_runs(store: Store) -> None:
    """Followers beside the appenders of several runs lose nothing and mix nothing."""
    log = await EventLog.open(store.place)

    async def append(run: str) -> None:
        for number in range(30):
            await log.append([draft(number, run)])

    async def follow(run: str) -> list[str]:
        with open_reader(store.place) as reader:
            async with aclosing(closable(reader.follow(run))) as followed:
                return [(await anext(followed)).id for _ in range(30)]

    runs = [f"run-{n}" for n in range(4)]
    async with asyncio.timeout(60):
        *found, _ = await asyncio.gather(*map(follow, runs), asyncio.gather(*map(append, runs)))
    await log.close()
    assert found == [[f"{run}/{n}" for n in range(30)] for run in runs]
