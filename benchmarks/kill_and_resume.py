"""Kill a real run three times at random moments and compare it with an undisturbed run.

    python benchmarks/kill_and_resume.py --data FOLDER

FOLDER holds clinc150_domain, tfns.validation-a and banking77_10way as JSON Lines (question, answer).
The embedded model scores and proposes. The runs have two source tasks and one target, and differ only in
the three SIGKILLs. The exit status is 1 if the conversations differ or a finished call was made again.
"""

import argparse
import json
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from kept_runs import TP
from public_tasks import TASKS

from transfer_prompting.storage.event import Event
from transfer_prompting.storage.sqlite.reader import LogReader

CONFIG = """
name = "banking"
seed = 3
[source]
tasks = ["clinc150_domain", "tfns"]
steps = 1
candidates = 3
examples = 10
[target]
task = "banking77_10way"
steps = 2
candidates = 4
examples = 20
test_examples = 60
[search]
answer = "likelihood"
proposal_tokens = 32
[models.scorer]
provider = "smollm2"
[models.reference]
provider = "smollm2"
"""
USED = ("clinc150_domain", "tfns", "banking77_10way")


def main() -> None:
    """Run both, compare them and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=0, help="seed of the moments of the kills")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "run.toml"
        config.write_text(CONFIG + "".join(TASKS[name].table(name, options.data.resolve()) for name in USED))
        print("the run left alone ...", flush=True)
        began = time.monotonic()
        _run(config, "whole.db")
        seconds = time.monotonic() - began
        print(f"  {seconds:.0f} s\nthe run that is killed ...", flush=True)
        _run_killed(config, "killed.db", random.Random(options.seed), seconds)
        sys.exit(_compare(config.parent / "whole.db", config.parent / "killed.db"))


def _run(config: Path, log: str) -> None:
    subprocess.run([*TP, "run", config, "--log", log, "--display", "none"], cwd=config.parent, check=True)


def _run_killed(config: Path, log: str, chance: random.Random, seconds: float) -> None:
    command = [*TP, "run", str(config), "--log", log, "--display", "none"]
    for moment in sorted(chance.uniform(0.1, 0.9) for _ in range(3)):
        process = subprocess.Popen(command, cwd=config.parent)
        # Each process gets its share of the whole time, so that the kills are spread over the run.
        wait = max(5.0, moment * seconds / 2)
        try:
            process.wait(wait)
            print("  ended before the kill", flush=True)
            return
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
        with LogReader(config.parent / log) as reader:
            run = reader.resolve("last")
            print(f"  killed after {wait:.1f} s, at event {sum(1 for _ in reader.read(run))}", flush=True)
        command = [*TP, "resume", "last", "--log", log, "--display", "none"]
    subprocess.run(command, cwd=config.parent, check=True)


def _compare(whole: Path, killed: Path) -> int:
    one, other = _events(whole), _events(killed)
    same = {
        "final prompt and verdict": _of(one, "run.finished") == _of(other, "run.finished"),
        "scores": _of(one, "prompt.scored") == _of(other, "prompt.scored"),
        "sequence of messages": _talk(one) == _talk(other),
        "keys of the calls": sorted(_paid(one)) == sorted(_paid(other)),
        "no finished call made twice": len(_paid(other)) == len(set(_paid(other))),
    }
    for what, holds in same.items():
        print(f"{'same' if holds else 'DIFFERENT':>10}  {what}")
    asked = [json.loads(event.data)["reissued"] for event in other if event.kind == "run.resumed"]
    print(f"{len(one)} and {len(other)} events, {len(_paid(one))} calls each")
    print(f"calls asked again after the kills, none of which had a result: {[len(calls) for calls in asked]}")
    print(json.loads(_of(other, "run.finished")[0])["verdict"])
    return 0 if all(same.values()) else 1


def _events(path: Path) -> list[Event]:
    with LogReader(path) as reader:
        run = reader.resolve("last")
        reader.verify(run)
        return list(reader.read(run))


def _of(events: list[Event], kind: str) -> list[bytes]:
    return [event.data for event in events if event.kind == kind]


def _talk(events: list[Event]) -> list[tuple[str, str, bytes]]:
    return [
        (event.kind, event.sender, event.data)
        for event in events
        if not event.kind.startswith("call.") and event.kind != "run.resumed"
    ]


def _paid(events: list[Event]) -> list[str]:
    finished = (json.loads(data) for data in _of(events, "call.finished"))
    return [call["key"] for call in finished if call["reused"] is None]


if __name__ == "__main__":
    main()
