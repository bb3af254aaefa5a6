"""Measure what watchers cost a run beyond the processor time that they need themselves.

    python benchmarks/watchers.py [--watchers 8] [--rounds 3] [--events 6000]

A process writes a log as a run does, 20 events per commit and a pause after each. It does so alone and, in
turn, while `tp watch` processes show the log, each in a terminal of its own. The output has the writer's wall
and processor time, the share of a core that one watcher takes while the log is written and while it is
silent, and the time of a message from its commit to the screen. If the run leaves no core idle, its wall time
includes the processor time of the watchers. The writer's own processor time does not.
"""

import argparse
import asyncio
import contextlib
import json
import os
import pty
import select
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from long_log import RUN, conversation

from transfer_prompting.storage.event import Draft, event_id
from transfer_prompting.storage.log import EventLog

PAUSE, BATCH = 0.02, 20
WRITER = """
import asyncio, json, resource, time
from watchers import write
began = time.perf_counter()
asyncio.run(write({path!r}, {events}))
used = resource.getrusage(resource.RUSAGE_SELF)
print(json.dumps([time.perf_counter() - began, used.ru_utime + used.ru_stime]))
"""
WATCH = "from transfer_prompting.orchestration.cli import main; main()"


async def write(path: str, events: int) -> None:
    """Append a conversation at a steady pace."""
    log = await EventLog.open(Path(path))
    drafts = list(conversation(events))
    began = time.perf_counter()
    for number in range(0, len(drafts), BATCH):
        await log.append(drafts[number : number + BATCH])
        # Keep to the clock, so that a slow append does not delay the following ones.
        await asyncio.sleep(max(0.0, began + (number // BATCH + 1) * PAUSE - time.perf_counter()))
    await log.close()


class Watcher:
    """`tp watch` in a terminal, whose output is discarded."""

    def __init__(self, path: Path) -> None:
        self.master, slave = pty.openpty()
        command = [sys.executable, "-c", WATCH, "watch", RUN, "--log", str(path)]
        environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "80", "LINES": "24"}
        self.process = subprocess.Popen(
            command, stdin=slave, stdout=slave, stderr=subprocess.DEVNULL, env=environment
        )
        os.close(slave)

    def cpu(self) -> float:
        """Return the seconds of processor time so far."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def read(self, seconds: float) -> bytes:
        """Return what it writes to its terminal within `seconds`."""
        ready, _, _ = select.select([self.master], [], [], seconds)
        with contextlib.suppress(OSError):
            return os.read(self.master, 65_536) if ready else b""
        return b""

    def close(self) -> None:
        """End the process."""
        self.process.kill()
        self.process.wait()
        os.close(self.master)


def drain(watchers: list[Watcher], until: float) -> None:
    """Empty the terminals of all watchers until the moment `until`."""
    while (left := until - time.perf_counter()) > 0:
        ready, _, _ = select.select([w.master for w in watchers], [], [], min(left, 0.05))
        for terminal in ready:
            with contextlib.suppress(OSError):
                os.read(terminal, 65_536)


def one_round(folder: Path, watchers: int, events: int) -> tuple[float, float, float]:
    """Return the writer's wall and processor time, and the share of a core that one watcher took."""
    path = folder / f"log-{watchers}-{time.monotonic_ns()}.db"
    asyncio.run(_begin(path))
    crowd = [Watcher(path) for _ in range(watchers)]
    try:
        drain(crowd, time.perf_counter() + (8 if crowd else 0))
        before = [watcher.cpu() for watcher in crowd]
        code = WRITER.format(path=str(path), events=events)
        paths = os.pathsep.join(filter(None, [str(Path(__file__).parent), os.environ.get("PYTHONPATH")]))
        environment = {**os.environ, "PYTHONPATH": paths}
        writer = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, env=environment)
        began = time.perf_counter()
        while writer.poll() is None:
            drain(crowd, time.perf_counter() + 0.05)
        passed = time.perf_counter() - began
        used = [watcher.cpu() - cpu for watcher, cpu in zip(crowd, before, strict=True)]
        assert writer.stdout is not None
        wall, cpu = json.loads(writer.stdout.read())
        return wall, cpu, statistics.mean(used) / passed if used else 0.0
    finally:
        for watcher in crowd:
            watcher.close()


async def _begin(path: Path) -> None:
    log = await EventLog.open(path)
    await log.append(list(conversation(200))[:1])
    await log.close()


async def latency(folder: Path, count: int = 40) -> tuple[list[float], float]:
    """Return milliseconds from each commit to the screen, and the share of a core while the log is silent."""
    path = folder / "latency.db"
    log = await EventLog.open(path)
    first, *_ = conversation(200)
    await log.append([first])
    watcher = Watcher(path)
    try:
        await asyncio.to_thread(drain, [watcher], time.perf_counter() + 6)
        times = []
        for number in range(count):
            draft = _failure(number)
            await log.append([draft])
            began = time.perf_counter()
            await asyncio.to_thread(_wait_for, watcher, f"mark-{number}-".encode())
            times.append(1000 * (time.perf_counter() - began))
            await asyncio.to_thread(drain, [watcher], time.perf_counter() + 0.2)
        before = watcher.cpu()
        await asyncio.to_thread(drain, [watcher], time.perf_counter() + 10)
        return times, (watcher.cpu() - before) / 10
    finally:
        watcher.close()
        await log.close()


def _wait_for(watcher: Watcher, words: bytes) -> None:
    seen = b""
    while words not in seen:
        seen = seen[-2000:] + watcher.read(5.0)


def _failure(number: int) -> Draft:
    data = {"kind": "call.failed", "key": "k", "cause": "timeout", "error": f"mark-{number}-", "attempts": 1}
    id_ = event_id(RUN, None, "model/scorer", number)
    return Draft(
        RUN, id_, "call.failed", 1, "model/scorer", ("scorer/main",), None, json.dumps(data).encode()
    )


def main() -> None:
    """Measure both in turn and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--watchers", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--events", type=int, default=6000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        times, silent = asyncio.run(latency(folder))
        print(f"commit to screen: median {statistics.median(times):.0f} ms, highest {max(times):.0f} ms")
        print(f"one watcher of a silent log takes {100 * silent:.1f} % of a core", flush=True)
        rows: dict[int, list[tuple[float, float, float]]] = {0: [], options.watchers: []}
        for _ in range(options.rounds):
            for watchers, results in rows.items():
                results.append(one_round(folder, watchers, options.events))
        for watchers, results in rows.items():
            wall, cpu, share = (statistics.median(column) for column in zip(*results, strict=True))
            print(
                f"{watchers} watchers: wall {wall:.2f} s, writer's processor time {cpu:.2f} s, "
                f"{100 * share:.1f} % of a core for each watcher"
            )
        [alone, watched] = [statistics.median(r[0] for r in results) for results in rows.values()]
        print(f"wall time with {options.watchers} watchers: {100 * (watched / alone - 1):+.1f} %")


if __name__ == "__main__":
    main()
