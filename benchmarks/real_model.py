"""Compare initial prompts, search from scratch and transfer, with the embedded model on public data.

    python benchmarks/real_model.py --data FOLDER [--seeds 3] [--keep LOG]

FOLDER holds the public data sets of public_tasks.py as JSON Lines. Each target and seed has one run with a
control: two source tasks and the target, then the target from scratch with as many evaluations. Accuracies
are those on held-out rows. A run that is in the log already is resumed where it stopped, so the benchmark
can be interrupted at any time.
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path
from statistics import mean

from public_tasks import TASKS

from transfer_prompting.agents.messages import Comparison, RunFinished, StageFinished
from transfer_prompting.agents.messages.codec import decode
from transfer_prompting.storage.sqlite.reader import LogReader

TARGETS = {
    "banking77_10way": ("clinc150_domain", "tfns"),
    "tfns": ("gold_headlines", "banking77_10way"),
    "unfair_tos": ("clinc150_domain", "banking77_10way"),
}
CONFIG = """
name = "{name}"
seed = {seed}
[source]
tasks = {sources}
examples = 20
budget = 120
[target]
task = "{target}"
examples = 30
budget = 150
test_examples = 80
[search]
answer = "likelihood"
control = true
seed_prompts = false
# The embedded model writes prompts slowly and badly: all proposals are edits here.
operators = ["demonstrations", "name_options", "describe", "extend", "replace", "cross", "shorten"]
[models.scorer]
provider = "smollm2"
[models.reference]
provider = "smollm2"
"""
TP = [sys.executable, "-c", "from transfer_prompting.orchestration.cli import main; main()"]


def main() -> None:
    """Make the missing runs and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--keep", type=Path, default=Path("real-model.db"))
    options = parser.parse_args()
    for seed in range(1, options.seeds + 1):
        for target, sources in TARGETS.items():
            _carry_out(options.keep.resolve(), options.data.resolve(), target, sources, seed)
    _print(options.keep, options.seeds)


def _carry_out(log: Path, data: Path, target: str, sources: tuple[str, ...], seed: int) -> None:
    name = f"{target}.{seed}"
    existing = _run_of(log, name)
    if existing:
        command = ["resume", existing]
    else:
        tables = "".join(TASKS[task].table(task, data) for task in (*sources, target))
        text = CONFIG.format(name=name, seed=seed, sources=json.dumps(list(sources)), target=target)
        config = log.with_name(f"{name}.toml")
        config.write_text(text + tables)
        command = ["run", str(config)]
    print(f"{name} ...", file=sys.stderr, flush=True)
    subprocess.run([*TP, *command, "--log", str(log), "--display", "none"], check=True)


def _run_of(log: Path, name: str) -> str | None:
    if not log.exists():
        return None
    with LogReader(log) as reader:
        return next((s.run for s in reader.runs() if s.run.rsplit("-", 1)[0] == name), None)


def _print(log: Path, seeds: int) -> None:
    print("| target | seed | initial | from scratch | transfer | gain over initial | gain over scratch | n |")
    print("|---|---|---|---|---|---|---|---|")
    for target in TARGETS:
        scores = []
        for seed in range(1, seeds + 1):
            finished = _verdict(log, f"{target}.{seed}")
            initial, control = _accuracy(finished.comparisons), _accuracy(finished.against_control)
            scores.append((initial.other, control.other, initial.best))
            print(
                f"| {target} | {seed} | {initial.other:.3f} | {control.other:.3f} | {initial.best:.3f} | "
                f"{_gain(initial)} | {_gain(control)} | {initial.n} |"
            )
        one, two, three = (mean(column) for column in zip(*scores, strict=True))
        print(f"| {target} | mean | {one:.3f} | {two:.3f} | {three:.3f} | | | |")


def _verdict(log: Path, name: str) -> RunFinished:
    run = _run_of(log, name)
    assert run is not None
    with LogReader(log) as reader:
        *_, event = reader.read(run, kinds=("run.finished",))
        for closed in reader.read(run, kinds=("stage.finished",)):
            stage = decode(closed)
            assert isinstance(stage, StageFinished)
            print(f"{name} {stage.stage}: {stage.evaluations} evaluations", file=sys.stderr)
    message = decode(event)
    assert isinstance(message, RunFinished)
    return message


def _accuracy(comparisons: tuple[Comparison, ...]) -> Comparison:
    return next(one for one in comparisons if one.measure == "metric")


def _gain(one: Comparison) -> str:
    return f"{100 * one.difference:+.1f} ({100 * one.low:+.1f} to {100 * one.high:+.1f})"


if __name__ == "__main__":
    main()
