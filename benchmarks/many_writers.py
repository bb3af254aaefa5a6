"""Measure how many events a second several processes append, in PostgreSQL and in SQLite files of their own.

    python benchmarks/many_writers.py [--writers 1 4 16] [--batch 8] [--seconds 5] [--postgres URL] [--quick]

Each writer is a process with a run of its own, as in a study. It appends a batch, waits until that is on the
disk, and goes on. In PostgreSQL all of them share one log; in SQLite each has a file, to be imported later.
The last column is the size of the log for each event, in PostgreSQL with its indexes.

`--quick` prints instead what one append takes at least, of 1, 64 and 256 events and one writer. These numbers
depend less on what else the machine does.
"""

import argparse
import asyncio
import os
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from log import drafts

from transfer_prompting.storage.log import EventLog
from transfer_prompting.storage.place import Place

POSTGRES = "postgresql://postgres@127.0.0.1:5432/test"
SCHEMA = f"benchmark_{os.getpid()}"


def main() -> None:
    """Measure every number of writers in both databases and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--writers", type=int, nargs="+", default=[1, 4, 16])
    parser.add_argument("--batch", type=int, default=8, help="events of one append")
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--postgres", default=POSTGRES, metavar="URL")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--write", nargs=2, metavar=("PLACE", "RUN"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.write:
        place, run = options.write
        _write(place, run, options.batch, options.seconds)
        return
    if options.quick:
        _print_least(options.postgres)
        return
    print("| log | writers | appends/s | events/s | bytes an event |")
    print("|---|---|---|---|---|")
    for writers in options.writers:
        with tempfile.TemporaryDirectory() as folder:
            places: list[Place] = [Path(folder) / f"{n}.db" for n in range(writers)]
            counts = _together(places, options.batch, options.seconds)
            size = sum(file.stat().st_size for file in Path(folder).glob("*.db"))
        _print("SQLite, a file each", counts, options, size)
        place = f"{options.postgres}?schema={SCHEMA}"
        _drop(options.postgres)
        counts = _together([place] * writers, options.batch, options.seconds)
        _print("PostgreSQL, one log", counts, options, _drop(options.postgres))


def _together(places: list[Place], batch: int, seconds: float) -> list[int]:
    """Return the number of appends of each writer, which all begin once the last one is ready."""
    command = [sys.executable, __file__, "--batch", str(batch), "--seconds", str(seconds), "--write"]
    with ExitStack() as stack:
        writers = [
            stack.enter_context(
                subprocess.Popen(
                    [*command, str(place), f"run-{n}"],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                )
            )
            for n, place in enumerate(places)
        ]
        for writer in writers:
            assert writer.stdout is not None
            writer.stdout.readline()
        for writer in writers:
            assert writer.stdin is not None
            writer.stdin.close()
        return [int(writer.stdout.readline()) for writer in writers if writer.stdout is not None]


def _write(place: str, run: str, batch: int, seconds: float) -> None:
    """Append for some seconds once standard input ends; print the number of appends."""
    log = asyncio.run(EventLog.open(place, run=run))
    print("ready", flush=True)
    sys.stdin.read()
    appends, end = 0, time.perf_counter() + seconds
    while time.perf_counter() < end:
        log.submit(
            [one._replace(run=run, id=f"{run}/{one.id}") for one in drafts(appends * batch, batch)]
        ).result()
        appends += 1
    asyncio.run(log.close())
    print(appends, flush=True)


def _print_least(url: str) -> None:
    print("| log | events of an append | least ms |")
    print("|---|---|---|")
    for events in (1, 64, 256):
        with tempfile.TemporaryDirectory() as folder:
            print(f"| SQLite | {events} | {_least(Path(folder) / 'log.db', events):.2f} |")
        print(f"| PostgreSQL | {events} | {_least(f'{url}?schema={SCHEMA}', events):.2f} |")
        _drop(url)


def _least(place: Place, events: int, appends: int = 150) -> float:
    """Return the least milliseconds that an append has taken."""
    log = asyncio.run(EventLog.open(place))
    times = []
    for n in range(appends):
        batch = drafts(n * events, events)
        began = time.perf_counter()
        log.submit(batch).result()
        times.append(time.perf_counter() - began)
    asyncio.run(log.close())
    return 1000 * min(times)


def _drop(url: str) -> int:
    """Drop the log in PostgreSQL; return its size in bytes, 0 if there was none."""
    import psycopg

    with psycopg.connect(url, autocommit=True) as db:
        row = db.execute("SELECT pg_total_relation_size(to_regclass(%s))", (f"{SCHEMA}.event",)).fetchone()
        db.execute(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")
    return int(row[0] or 0) if row else 0


def _print(log: str, counts: list[int], options: argparse.Namespace, size: int) -> None:
    appends = sum(counts) / options.seconds
    events = sum(counts) * options.batch
    print(
        f"| {log} | {len(counts)} | {appends:,.0f} | {appends * options.batch:,.0f} | {size / events:,.0f} |"
    )


if __name__ == "__main__":
    main()
