"""Compare the speed of the event log with raw sqlite3 and the `eventsourcing` library.

    pip install 'transfer-prompting[bench]'
    python benchmarks/log.py [--rounds 5] [--json]

Every store gets the same events in the same numbers, with its commits on the disk (WAL, synchronous FULL).
The stores take turns, round after round, and the medians of their rates are compared, so that a machine
whose speed drifts favours none. Rates are events per second. Quote the ratios.
"""

import argparse
import asyncio
import json
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from transfer_prompting.agents.messages import CallFinished
from transfer_prompting.agents.messages.codec import decode, encode
from transfer_prompting.agents.models.base import ModelReply
from transfer_prompting.storage.event import Draft, event_id
from transfer_prompting.storage.log import EventLog
from transfer_prompting.storage.sqlite.reader import LogReader

REPLY = ModelReply(text="Answer: yes\nConfidence: 80", finish="stop", prompt_tokens=180, completion_tokens=9)
DATA = encode(CallFinished(key="0" * 32, reply=REPLY, latency=0.25, attempts=1))
SINGLES, TENS, HUNDREDS, READS = 150, 100, 40, 20_000
TABLE = (
    "CREATE TABLE event (seq INTEGER PRIMARY KEY AUTOINCREMENT, run TEXT NOT NULL, version INTEGER NOT NULL,"
    " id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, schema INTEGER NOT NULL, sender TEXT NOT NULL,"
    " recipients TEXT NOT NULL, cause TEXT, at INTEGER NOT NULL, data BLOB NOT NULL, hash BLOB NOT NULL,"
    " UNIQUE (run, version)) STRICT"
)
GOALS = {"append 1": 0.8, "append 100": 0.5}


def drafts(first: int, count: int) -> list[Draft]:
    """Return `count` replies of a model, as most of a run's events are."""
    return [
        Draft("run-1", event_id("run-1", None, "m", n), "call.finished", 1, "model/scorer", ("scorer/main",),
              event_id("run-1", None, "s", n), DATA)
        for n in range(first, first + count)
    ]  # fmt: skip


def appended(batches: list[list[Draft]], append: Callable[[list[Draft]], object]) -> float:
    """Return events per second."""
    began = time.perf_counter()
    for batch in batches:
        append(batch)
    return sum(map(len, batches)) / (time.perf_counter() - began)


class Ours:
    """The event log of this project."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "log.db"
        self.log = asyncio.run(EventLog.open(self.path))

    def append(self, batch: list[Draft]) -> None:
        self.log.submit(batch).result()

    def concurrent(self, batches: list[list[Draft]], writers: int) -> float:
        """Return events per second with `writers` appenders that each wait for their own acknowledgement."""

        async def writer(mine: list[list[Draft]]) -> None:
            for batch in mine:
                await self.log.append(batch)

        async def together() -> None:
            await asyncio.gather(*(writer(batches[i::writers]) for i in range(writers)))

        began = time.perf_counter()
        asyncio.run(together())
        return sum(map(len, batches)) / (time.perf_counter() - began)

    def read(self) -> int:
        """Verify the chain and decode every message."""
        with LogReader(self.path) as reader:
            return sum(1 for _ in map(decode, reader.verified("run-1")))

    def close(self) -> None:
        asyncio.run(self.log.close())


class Raw:
    """The sqlite3 module alone, without a chain and without checks."""

    def __init__(self, folder: Path) -> None:
        self.db = sqlite3.connect(folder / "raw.db", isolation_level=None)
        self.db.execute("PRAGMA journal_mode = WAL")
        self.db.execute("PRAGMA synchronous = FULL")
        self.db.execute(TABLE)
        self.seq = 0

    def append(self, batch: list[Draft]) -> None:
        rows = []
        for draft in batch:
            self.seq += 1
            recipients = " ".join(draft.recipients)
            rows.append((self.seq, draft.run, self.seq, draft.id, draft.kind, 1, draft.sender, recipients,
                         draft.cause, time.time_ns() // 1000, draft.data, b"0" * 32))  # fmt: skip
        self.db.execute("BEGIN IMMEDIATE")
        self.db.executemany("INSERT INTO event VALUES (?,?,?,?,?,?,?,?,?,?,?,?)", rows)
        self.db.execute("COMMIT")

    def read(self) -> int:
        """Fetch every row."""
        return sum(1 for _ in self.db.execute("SELECT * FROM event ORDER BY seq"))

    def close(self) -> None:
        self.db.close()


class Library:
    """The application recorder of the `eventsourcing` library, on SQLite."""

    def __init__(self, folder: Path) -> None:
        from eventsourcing.sqlite import SQLiteApplicationRecorder, SQLiteDatastore

        self.store: Any = SQLiteDatastore(str(folder / "library.db"), originator_id_type="text")
        self.recorder: Any = SQLiteApplicationRecorder(self.store)
        self.recorder.create_table()
        self.version = 0

    def append(self, batch: list[Draft]) -> None:
        from eventsourcing.persistence import StoredEvent

        events = []
        for draft in batch:
            self.version += 1
            events.append(StoredEvent(draft.run, self.version, draft.kind, draft.data))
        self.recorder.insert_events(events)

    def read(self) -> int:
        """Select every event and decode its message. This store has no chain to verify."""
        events = self.recorder.select_events("run-1")
        return sum(1 for _ in (CallFinished.model_validate_json(event.state) for event in events))

    def close(self) -> None:
        self.store.close()


def one_round(store: type[Ours | Raw | Library]) -> dict[str, float]:
    """Return all rates of one store, measured on a new file."""
    with tempfile.TemporaryDirectory() as folder:
        it = store(Path(folder))
        rates, first = {}, 0
        for size, count in ((1, SINGLES), (10, TENS), (100, HUNDREDS)):
            batches = [drafts(first + i * size, size) for i in range(count)]
            first += size * count
            rates[f"append {size}"] = appended(batches, it.append)
        if isinstance(it, Ours):
            for writers in (1, 8, 64):
                batches = [drafts(first + i, 1) for i in range(SINGLES * min(writers, 16))]
                first += len(batches)
                rates[f"{writers} writers"] = it.concurrent(batches, writers)
        rest = [drafts(first + i * 1000, 1000) for i in range(READS // 1000)]
        appended(rest, it.append)
        began = time.perf_counter()
        rates["read"] = it.read() / (time.perf_counter() - began)
        it.close()
        size_on_disk = sum(file.stat().st_size for file in Path(folder).iterdir())
        rates["bytes an event"] = size_on_disk / (first + READS)
        return rates


def follower_latency(events: int = 200) -> float:
    """Return the median seconds from an acknowledged append to its arrival at a follower in this process."""

    async def measure(path: Path) -> float:
        log = await EventLog.open(path)
        await log.append(drafts(0, 1))
        sent: dict[str, float] = {}
        waits: list[float] = []

        async def follow() -> None:
            with LogReader(path) as reader:
                async for event in reader.follow("run-1", after=1):
                    waits.append(time.perf_counter() - sent[event.id])
                    if len(waits) == events:
                        return

        following = asyncio.create_task(follow())
        for n in range(1, events + 1):
            [draft] = drafts(n, 1)
            sent[draft.id] = time.perf_counter()
            await log.append([draft])
            sent[draft.id] = time.perf_counter()
            await asyncio.sleep(0.005)
        await following
        await log.close()
        return statistics.median(waits)

    with tempfile.TemporaryDirectory() as folder:
        return asyncio.run(measure(Path(folder) / "log.db"))


def main() -> None:
    """Measure in rounds and print medians and ratios."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    rounds: dict[str, list[dict[str, float]]] = {"ours": [], "raw": [], "library": []}
    for _ in range(options.rounds):
        for name, store in (("ours", Ours), ("raw", Raw), ("library", Library)):
            rounds[name].append(one_round(store))
    medians = {
        name: {what: statistics.median(r[what] for r in found) for what in found[0]}
        for name, found in rounds.items()
    }
    latency = follower_latency()
    if options.json:
        print(json.dumps({"medians": medians, "follower_seconds": latency}))
        return
    _print(medians, latency)


def _print(medians: dict[str, dict[str, float]], latency: float) -> None:
    ours, raw, library = medians["ours"], medians["raw"], medians["library"]
    print("| what | log, /s | raw sqlite3, /s | eventsourcing, /s | log / raw | log / eventsourcing |")
    print("|---|---|---|---|---|---|")
    for what in ours:
        if what not in raw:
            base = ours["1 writers"]
            print(f"| {what} | {ours[what]:,.0f} | | | {ours[what] / base:.1f} x one writer | |")
            continue
        cells = f"{ours[what]:,.0f} | {raw[what]:,.0f} | {library[what]:,.0f}"
        goal = f" (goal {GOALS[what]})" if what in GOALS else ""
        ratios = f"{ours[what] / raw[what]:.2f}{goal} | {ours[what] / library[what]:.2f}"
        print(f"| {what} | {cells} | {ratios} |")
    print(f"\nFollower: {1000 * latency:.1f} ms from acknowledgement to arrival (median)")


if __name__ == "__main__":
    main()
