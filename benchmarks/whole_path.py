"""Measure calls per second of a whole run, with agents, dispatcher, log and client.

    python benchmarks/whole_path.py [--concurrency 16 64] [--rounds 3] [--profile]

The server answers immediately. Each round also measures the client alone with as many requests at a time.
The difference is the cost of the run itself: it makes two messages per call, hashes them, writes them with
one fsync per batch, reads them and delivers them.
"""

import argparse
import asyncio
import cProfile
import json
import pstats
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import orjson

from transfer_prompting.orchestration.config.settings import Config
from transfer_prompting.orchestration.runtime import lifecycle
from transfer_prompting.storage.event import Event

HERE = Path(__file__).parent
ALONE = 2000
"""Calls of the client without a run."""


class Tally:
    """Counts events, and the calls that were actually made."""

    def __init__(self) -> None:
        self.events = 0
        self.calls = 0

    def __call__(self, event: Event) -> None:
        self.events += 1
        if event.kind == "call.finished":
            self.calls += orjson.loads(event.data)["reused"] is None


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--concurrency", type=int, nargs="+", default=[16, 64])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--profile", action="store_true", help="print a profile of one run instead")
    options = parser.parse_args()
    command = [sys.executable, str(HERE / "clients_server.py")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        url = server.stdout.readline().strip()
        if options.profile:
            _profile(url, options.concurrency[0])
        else:
            _table(url, options.concurrency, options.rounds)
        server.terminate()


def _table(url: str, concurrency: list[int], rounds: int) -> None:
    print(
        "| at a time | client alone, /s (CPU ms) | whole run, /s (CPU ms) | run / client | calls | events |"
    )
    print("|---|---|---|---|---|---|")
    for slots in concurrency:
        pairs = [(_alone(url, slots), _run(url, slots)) for _ in range(rounds)]
        alone = [median(one[0][i] for one in pairs) for i in range(2)]
        whole = [median(one[1][i] for one in pairs) for i in range(2)]
        ratio = median(run[0] / client[0] for client, run in pairs)
        calls, events = pairs[0][1][2:]
        print(
            f"| {slots} | {alone[0]:,.0f} ({alone[1]:.2f}) | {whole[0]:,.0f} ({whole[1]:.2f}) | "
            f"{ratio:.2f} | {calls:,.0f} | {events:,.0f} |"
        )


def _alone(url: str, slots: int) -> tuple[float, float]:
    command = [sys.executable, str(HERE / "clients_arms.py"), "ours", url, str(slots), str(ALONE)]
    found = json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)
    return found["rate"], found["cpu_ms"]


def _run(url: str, slots: int) -> tuple[float, float, float, float]:
    tally = Tally()
    with tempfile.TemporaryDirectory() as folder:
        began, cpu = time.perf_counter(), time.process_time()
        asyncio.run(lifecycle.start(_config(url, slots), Path(folder), Path(folder) / "log.db", tally))
        seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
    return tally.calls / seconds, 1000 * cpu / tally.calls, tally.calls, tally.events


def _profile(url: str, slots: int) -> None:
    _run(url, slots)
    profile = cProfile.Profile()
    profile.enable()
    _run(url, slots)
    profile.disable()
    pstats.Stats(profile).sort_stats("tottime").print_stats(40)


def _config(url: str, slots: int) -> Config:
    model = {"provider": "openai", "model": "m", "base_url": url, "concurrency": slots}
    return Config.model_validate(
        {
            "name": "path",
            "source": {"tasks": ["logic"], "steps": 4, "examples": 40},
            "target": {"task": "policy_compliance", "steps": 4, "examples": 40, "test_examples": 80},
            "search": {
                "answer": "stated",
                "racing": False,
                "operators": ["demonstrations", "extend", "name_options", "describe", "replace", "shorten"],
            },
            "models": {"scorer": model, "reference": model},
        }
    )


if __name__ == "__main__":
    main()
