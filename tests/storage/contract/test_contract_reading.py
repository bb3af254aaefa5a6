"""Contract of every store for reading."""

import asyncio
from contextlib import aclosing

import orjson
import pytest
from async_generators import closable
from log_stores import Store, draft

from transfer_prompting.storage.errors import StorageError, UnknownRun
from transfer_prompting.storage.event import Draft
from transfer_prompting.storage.field_sums import SummedField
from transfer_prompting.storage.log import EventLog
from transfer_prompting.storage.opening import open_reader


def answer(number: int) -> Draft:
    return Draft("run-a", f"answer-{number}", "call.finished", 1, "m/x", (), f"run-a/{number}", b"{}")


PREFIX = b'{"kind":"call.finished","key":"'


def keyed(number: int, run: str, key: bytes) -> Draft:
    """Return an event whose data have a key at a fixed place."""
    data = PREFIX + b'%s","latency":%d}' % (key, number)
    return Draft(run, f"{run}/reply-{number}", "call.finished", 1, "m/x", (), f"{run}/{number}", data)


def test_events_by_a_part_of_their_data(store: Store) -> None:
    """An event is found by the bytes at an offset of its data, in all runs or in some, in commit order."""
    one, two = b"1" * 32, b"2" * 32
    store.write(keyed(1, "a", one), keyed(2, "b", two), keyed(3, "b", one), draft(1, "b", PREFIX + one))
    with open_reader(store.place) as reader:

        def found(value: bytes, runs: list[str] | None = None) -> list[int]:
            events = reader.with_data_at("call.finished", len(PREFIX), value, runs)
            return [event.seq for event in events]

        assert found(one) == [1, 3]
        assert found(one, ["b", "c"]) == [3]
        assert found(two, ["a"]) == []
        assert found(one, []) == found(b"3" * 32) == []
        assert reader.with_data_at("call.finished", len(PREFIX) + 1, one) == []


def test_no_log(store: Store) -> None:
    """Opening a missing log for reading fails and creates nothing."""
    for _ in range(2):
        with pytest.raises(StorageError, match="There is no log"):
            open_reader(store.place)


def test_empty_log(store: Store) -> None:
    """A new log is empty."""
    with store.writing(), open_reader(store.place) as reader:
        assert list(reader.read("run-a")) == []
        assert reader.runs() == []
        assert reader.verify("run-a") == 0
        with pytest.raises(UnknownRun, match="holds no run yet"):
            reader.resolve("last")


def test_read_a_part(store: Store) -> None:
    """A reader yields the events after a seq, those of some kinds, or those without some kinds."""
    store.write(draft(1), answer(1), draft(2), answer(2))
    with open_reader(store.place) as reader:
        assert [e.seq for e in reader.read("run-a", after=2)] == [3, 4]
        assert [e.seq for e in reader.read("run-a", kinds=("call.finished", "x"))] == [2, 4]
        assert [e.seq for e in reader.read("run-a", after=2, kinds=("call.finished",))] == [4]
        assert [e.seq for e in reader.read("run-a", without=("call.finished",))] == [1, 3]
        assert [e.seq for e in reader.read("run-a", after=1, without=("call.finished", "x"))] == [3]
        assert not list(reader.read("run-a", without=("call.finished", "call.requested")))


def test_a_kind_is_no_sql(store: Store) -> None:
    """A kind that would have to be quoted in SQL is refused."""
    store.write(draft(1))
    with open_reader(store.place) as reader:
        for kind in ("x' OR 'a' = 'a", "100%", "a?", ""):
            with pytest.raises(ValueError, match="no kind of event"):
                list(reader.read("run-a", without=(kind,)))
            with pytest.raises(ValueError, match="no kind of event"):
                reader.caused_by("run-a", "run-a/1", kind)


def test_single_events(store: Store) -> None:
    """One event is found by its seq, or by its cause and kind."""
    store.write(draft(1), draft(2), answer(2))
    with open_reader(store.place) as reader:
        assert reader.event("run-a", 2).id == "run-a/2"
        assert reader.caused_by("run-a", "run-a/2", "call.finished") == reader.event("run-a", 3)
        with pytest.raises(UnknownRun):
            reader.event("run-b", 2)
        assert reader.caused_by("run-a", "run-a/2", "call.failed") is None
        assert reader.caused_by("run-a", "run-a/1", "call.finished") is None


AMOUNT = ("bill", "amount")
FIELDS = (SummedField(AMOUNT), SummedField(("bill", "paid"), at_most=AMOUNT), SummedField(("items",)))


def bill(number: int, paid: int | None = 0, voided: str | None = None, sender: str = "a") -> Draft:
    """Return an event with numbers to add up: an amount of ten times `number`, and two items."""
    numbers = {"text": "\u00e9", "amount": 10 * number, "paid": paid}
    data = orjson.dumps({"bill": numbers, "items": 2, "voided": voided})
    return Draft("run-a", f"bill-{number}", "bill", 1, sender, (), f"run-a/{number}", data)


def test_sums_of_fields(store: Store) -> None:
    """Fields are added up by sender and by the presence of a field, up to a version."""
    store.write(draft(1), bill(1), bill(2, 5), bill(3, 99), bill(4, None, "x"), bill(5, sender="b"))
    store.write(bill(6))
    with open_reader(store.place) as reader:
        sums = reader.sum_fields("run-a", "bill", 6, FIELDS, present=("voided",))
        assert sums == [
            ("a", 1, False, 3, (60, 35, 6)),
            ("a", 1, True, 1, (40, 0, 2)),
            ("b", 1, False, 1, (50, 0, 2)),
        ]
        assert {type(number) for group in sums for number in (*group.sums, group.events)} == {int}
        assert {type(group.present) for group in sums} == {bool}
        assert reader.sum_fields("run-a", "bill", 2, (), present=("gone",)) == [("a", 1, False, 1, ())]
        assert reader.sum_fields("run-b", "bill", 6, FIELDS, present=("voided",)) == []
    store.hurt("UPDATE event SET data = ? WHERE seq = 2", b"")
    with open_reader(store.place) as reader:
        [redacted, *_] = reader.sum_fields("run-a", "bill", 6, FIELDS, present=("voided",))
        assert redacted == ("a", 1, False, 3, (50, 35, 4))


def test_count_by_cause(store: Store) -> None:
    """Events are counted by their causes and kind, up to a version."""
    store.write(draft(1), answer(1), draft(2), answer(3), draft(4, cause="run-a/1"))
    with open_reader(store.place) as reader:
        causes = {"run-a/1", "run-a/2", "run-a/3"}
        assert reader.count_caused("run-a", causes, "call.finished", 5) == 2
        assert reader.count_caused("run-a", causes, "call.finished", 3) == 1
        assert reader.count_caused("run-a", set(), "call.finished", 5) == 0
        assert (
            reader.count_caused("run-a", causes | {f"no-{n}" for n in range(2500)}, "call.finished", 5) == 2
        )


def test_neighbours(store: Store) -> None:
    """The last event of a run and the one before an event are found across events of other runs."""
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
    """A run is found by its name, by the start of its name, or as "last"."""
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
    """A follower yields the stored events and then each new event of its run, in order and once."""
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
    """Followers of several runs lose no event and mix no runs while others append."""
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
