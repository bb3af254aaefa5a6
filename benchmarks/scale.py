"""Simulate a study of many runs that share GPUs and a log, from measured constants.

    python benchmarks/scale.py [--workers 8 64 250 1000] [--calls-per-gpu 500] [--postgres 1.2 57]

Each worker carries out one run, with `--slots` calls at a time. The GPUs are one queue: they answer at most
`--gpus` x `--calls-per-gpu` calls a second, each after `--latency` seconds or later. A worker appends the
events of its finished calls together, one append at a time. A slot is free again once its events are in the
log, as with a budget. In PostgreSQL, all workers share one log, which carries out one append after the other.
In SQLite, each has a file of its own on one of `--disks`. An append takes so many milliseconds, and so many
microseconds more for each event. The defaults are the least that was measured by `many_writers.py --quick`.
"""

import argparse
import heapq
from dataclasses import dataclass, field
from itertools import count
from random import Random

EVENTS_A_CALL = 2.07
"""Measured by `whole_path.py`: the request, the reply, and a share of the other messages."""
LATENCY_SIGMA = 0.6
"""Of the lognormal time that a call takes at the GPU."""


@dataclass
class Queue:
    """Servers that carry out one job after the other."""

    servers: int
    free_at: list[float] = field(default_factory=list)
    busy: float = 0.0

    def __post_init__(self) -> None:
        self.free_at = [0.0] * self.servers

    def serve(self, now: float, seconds: float) -> float:
        """Return when a job that arrives now, and takes so long, is done."""
        begun = max(now, heapq.heappop(self.free_at))
        heapq.heappush(self.free_at, begun + seconds)
        self.busy += seconds
        return begun + seconds


@dataclass
class Worker:
    """One run: the calls that wait for the log, and those that an append under way contains."""

    waiting: int = 0
    appending: int = 0
    owed: float = 0.0
    """Events of finished calls that no append has contained yet."""


@dataclass(frozen=True)
class Load:
    """What a simulation has found."""

    calls: float
    """Calls a second."""
    gpus: float
    log: float
    """Shares of the time in which the GPUs and the log were busy."""
    append: float
    """Mean seconds from an append's beginning until its events are in the log."""


def simulate(options: argparse.Namespace, workers: int, servers: int, cost: tuple[float, float]) -> Load:
    """Return the load of `workers` runs over `--seconds` simulated seconds.

    The logs have so many `servers`. An append has a `cost` in milliseconds, and in microseconds an event.
    """
    random = Random(1)
    gpus = Queue(max(1, round(options.gpus * options.calls_per_gpu * options.latency)))
    log = Queue(servers)
    mean = options.latency
    scale = mean / 2.718281828 ** (LATENCY_SIGMA**2 / 2)
    every = [Worker() for _ in range(workers)]
    numbers, agenda = count(), list[tuple[float, int, str, Worker]]()
    done, appends, waited = 0, 0, 0.0

    def call(now: float, worker: Worker) -> None:
        ends = gpus.serve(now, scale * random.lognormvariate(0.0, LATENCY_SIGMA))
        heapq.heappush(agenda, (ends, next(numbers), "reply", worker))

    def append(now: float, worker: Worker) -> None:
        nonlocal appends, waited
        worker.appending, worker.waiting = worker.waiting, 0
        events, worker.owed = int(worker.owed), worker.owed % 1
        ends = log.serve(now, cost[0] / 1e3 + events * cost[1] / 1e6)
        appends, waited = appends + 1, waited + ends - now
        heapq.heappush(agenda, (ends, next(numbers), "written", worker))

    for worker in every:
        for _ in range(options.slots):
            call(random.random() * mean, worker)
    while agenda[0][0] < options.seconds:
        now, _, what, worker = heapq.heappop(agenda)
        if what == "reply":
            worker.waiting, worker.owed, done = worker.waiting + 1, worker.owed + EVENTS_A_CALL, done + 1
        else:
            for _ in range(worker.appending):
                call(now, worker)
            worker.appending = 0
        if worker.waiting and not worker.appending:
            append(now, worker)
    time = options.seconds
    return Load(
        done / time,
        min(1.0, gpus.busy / time / gpus.servers),
        min(1.0, log.busy / time / log.servers),
        waited / appends,
    )


def main() -> None:
    """Simulate every number of workers with both kinds of log and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--workers", type=int, nargs="+", default=[8, 64, 250, 1000])
    parser.add_argument("--slots", type=int, default=16)
    parser.add_argument("--gpus", type=int, default=8)
    parser.add_argument("--calls-per-gpu", type=float, default=500.0, help="calls a second of a full GPU")
    parser.add_argument("--latency", type=float, default=0.5, help="mean seconds of a call at the GPU")
    parser.add_argument("--postgres", type=float, nargs=2, default=[1.2, 57.0], metavar=("MS", "US"))
    parser.add_argument("--sqlite", type=float, nargs=2, default=[0.35, 19.0], metavar=("MS", "US"))
    parser.add_argument("--disks", type=int, default=8, help="for files in SQLite")
    parser.add_argument("--seconds", type=float, default=30.0, help="simulated")
    options = parser.parse_args()
    print("| workers | log | calls/s | GPUs busy | log busy | append takes |")
    print("|---|---|---|---|---|---|")
    logs = {
        "PostgreSQL, one log": (1, tuple(options.postgres)),
        "SQLite, a file each": (options.disks, tuple(options.sqlite)),
    }
    for workers in options.workers:
        for name, (servers, cost) in logs.items():
            found = simulate(options, workers, servers, cost)
            print(
                f"| {workers} | {name} | {found.calls:,.0f} | {found.gpus:.0%} | {found.log:.0%} | "
                f"{1000 * found.append:,.1f} ms |"
            )


if __name__ == "__main__":
    main()
