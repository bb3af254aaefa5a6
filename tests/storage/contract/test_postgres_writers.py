"""Many processes write into one log in PostgreSQL and many follow it; nothing is lost, mixed or skipped."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest
from log_stores import SERVER, PostgresStore, backend, draft

from transfer_prompting.storage.opening import open_reader

APPEND = """
import asyncio, sys
from transfer_prompting.storage.event import Draft
from transfer_prompting.storage.log import EventLog
place, count, *runs = sys.argv[1:]
def draft(run, n):
    return Draft(run, f"{run}/{n}", "k", 1, "a/b", ("c/d",), None, f'"{run} {n}"'.encode())
async def append(log, run):
    seqs = []
    for n in range(0, int(count), 2):
        seqs += [e.seq for e in await log.append([draft(run, n), draft(run, n + 1)])]
    assert seqs == sorted(seqs)
async def main():
    log = await EventLog.open(place)
    print("open", flush=True)
    sys.stdin.readline()
    await asyncio.gather(*(append(log, run) for run in runs))
    await log.close()
asyncio.run(main())
"""

FOLLOW = """
import asyncio, json, sys
from contextlib import AsyncExitStack, aclosing
from transfer_prompting.storage.opening import open_reader
place, count, *runs = sys.argv[1:]
async def follow(run):
    found = []
    with open_reader(place) as reader:
        async with aclosing(reader.follow(run)) as followed:
            while len(found) < int(count):
                found.append((await anext(followed)))
    assert all(e.run == run and json.loads(e.data) == f"{run} {e.version - 1}" for e in found)
    return [e.seq for e in found]
async def main():
    print("open", flush=True)
    sys.stdin.readline()
    print(json.dumps(await asyncio.gather(*map(follow, runs))))
asyncio.run(main())
"""

WATCH = """
import sys
from transfer_prompting.storage.opening import open_reader
looks = 0
with open_reader(sys.argv[1]) as reader:
    print("open", flush=True)
    sys.stdin.readline()
    seen = 0
    while seen < int(sys.argv[2]):
        (count, last), = reader._fetch("SELECT COUNT(*), COALESCE(MAX(seq), 0) FROM event")
        assert count == last >= seen, (count, last, seen)
        seen, looks = last, looks + 1
print(looks)
"""


@contextmanager
def processes(*calls: tuple[object, ...]) -> Iterator[list["subprocess.Popen[str]"]]:
    """One process for each (code, *arguments), begun together when all are ready."""
    with ExitStack() as stack:
        running = []
        for code, *arguments in calls:
            process = subprocess.Popen(
                [sys.executable, "-c", str(code), *map(str, arguments)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
            stack.enter_context(process)
            stack.callback(process.kill)
            running.append(process)
        for process in running:
            assert process.stdout is not None
            assert process.stdin is not None
            if process.stdout.readline().strip() != "open":
                pytest.fail(process.communicate()[1])
        for process in running:
            assert process.stdin is not None
            process.stdin.write("\n")
            process.stdin.flush()
        yield running


def ends(process: "subprocess.Popen[str]") -> str:
    """What a process printed, once it has ended well."""
    out, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors
    return out


def test_ten_runs_of_five_processes(server: PostgresStore) -> None:
    """Ten runs written at once by five processes reach the followers in two others whole and in order."""
    server.write(draft(1, "before"))
    runs, each = [f"run-{n}" for n in range(10)], 40
    writers = [(APPEND, server.place, each, *runs[n : n + 2]) for n in range(0, 10, 2)]
    followers = [(FOLLOW, server.place, each, *runs[n::2]) for n in range(2)]
    watcher = (WATCH, server.place, 10 * each + 1)
    with processes(*writers, *followers, watcher) as running:
        said = [ends(process) for process in running]
    followed = [json.loads(out) for out in said[5:7]]
    seqs = {run: followed[n % 2][n // 2] for n, run in enumerate(runs)}
    assert sorted(seq for found in seqs.values() for seq in found) == list(range(2, 10 * each + 2))
    with open_reader(server.place) as reader:
        for run in runs:
            assert [(e.seq, e.version) for e in reader.read(run)] == list(
                zip(seqs[run], range(1, each + 1), strict=True)
            )
            assert reader.verify(run) == each
        assert len(reader.runs()) == 11
    assert int(said[7]) >= 1


def test_same_run_from_several_processes(server: PostgresStore) -> None:
    """Processes that append the same messages of one run put each there once, in one sound chain."""
    server.write(draft(1, "before"))
    with processes(*[(APPEND, server.place, 40, "run-a")] * 3) as running:
        for process in running:
            ends(process)
    events = server.events()
    assert [e.id for e in events] == [f"run-a/{n}" for n in range(40)]
    assert [e.version for e in events] == list(range(1, 41))
    assert server.verify() == 40


def test_logs_made_at_once(server: PostgresStore) -> None:
    """Of processes that find no log one makes it, and all go on in it."""
    with processes(*[(APPEND, server.place, 2, f"run-{n}") for n in range(4)]) as running:
        for process in running:
            ends(process)
    assert [server.verify(f"run-{n}") for n in range(4)] == [2, 2, 2, 2]


def test_no_number_before_its_predecessor(server: PostgresStore) -> None:
    """While an append is not committed no other gets a number, so a follower can never skip one."""
    import psycopg

    server.write(draft(1))
    with server.writing() as log, psycopg.connect(SERVER) as slow:
        slow.execute(f"SET search_path TO {server.schema}")
        slow.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended('transfer-prompting/' || current_schema(), 0))"
        )
        pid = backend(log)
        promise = log.submit([draft(2)])
        while not server.execute("SELECT 1 FROM pg_locks WHERE pid = ? AND NOT granted", pid):
            assert not promise.done()
        slow.execute(
            "INSERT INTO event SELECT 2, 'slow', 1, 'slow', kind, schema, sender, recipients, cause, at,"
            " data, hash FROM event"
        )
        assert [e.seq for e in server.events()] == [1]
        slow.commit()
        assert promise.result()[0].seq == 3
    assert [e.seq for e in server.events()] == [1, 3]


def test_two_writers_of_one_process(server: PostgresStore) -> None:
    """A writer sees what another appended to the same run, and chains to it."""
    with server.writing() as one, server.writing() as other:
        for number in range(6):
            writer = (one, other)[number % 2]
            assert writer.submit([draft(number)]).result()[0].version == number + 1
    assert server.verify() == 6
