"""Measure what transfer brings on public data with the embedded model, on held-out rows.

    python benchmarks/real_transfer.py --data FOLDER --keep FOLDER [--seeds 5] [--targets NAME ...]

--data holds the public data sets of public_tasks.py as JSON Lines, --keep the logs, one for each run, which
can be replayed. A run that is complete is not made again, so a measurement that was cut off is continued.

The ten sets of clinc150_intents are a family: each is the target once, with the nine others as sources. The
other targets have unrelated sources. The arms: the target alone; the target alone with as many evaluations
as sources and target together; sources and target; and the target with the experience of the searches from
scratch of its sources, at no new cost. Seeds from 1,000 on are for reporting.
"""

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import mean, stdev

from kept_runs import carry_out, run_of
from public_tasks import TASKS

from transfer_prompting.agents.messages import Comparison, RunFinished
from transfer_prompting.agents.messages.codec import decode
from transfer_prompting.storage.sqlite.reader import LogReader

FAMILY = tuple(name for name in TASKS if name.startswith("clinc150_intents_"))
UNRELATED = ("banking77_10way", "tfns", "gold_headlines", "clinc150_domain")
TARGETS: Mapping[str, Sequence[str]] = {
    **{name: tuple(other for other in FAMILY if other != name) for name in FAMILY},
    **{name: tuple(other for other in UNRELATED if other != name) for name in UNRELATED},
}
FIRST_SEED = 1001
SOURCE, TARGET = 100, 100
"""Evaluations of the sources and of the target."""
ARMS = ("target only", "from scratch", "transfer", "experience")
RUN = "run"
"""Name of each run."""
CONFIG = """
name = "{name}"
seed = {seed}
experience = {experience}
{source}
[target]
task = "{target}"
examples = 30
budget = {budget}
test_examples = 300
[search]
answer = "likelihood"
seed_prompts = false
# The embedded model writes prompts slowly and badly: all proposals are edits here.
operators = ["demonstrations", "name_options", "describe", "extend", "replace", "cross", "shorten"]
[models.scorer]
provider = "smollm2"
[models.reference]
provider = "smollm2"
"""
Cell = tuple[str, str, int]
"""Target, arm and seed."""


def main() -> None:
    """Make the missing runs and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--keep", type=Path, required=True)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--first", type=int, default=FIRST_SEED)
    parser.add_argument("--targets", nargs="+", default=list(TARGETS), choices=list(TARGETS))
    given = parser.parse_args()
    keep, data = given.keep.resolve(), given.data.resolve()
    keep.mkdir(parents=True, exist_ok=True)
    seeds = range(given.first, given.first + given.seeds)
    for seed in seeds:
        # The searches from scratch are the earlier runs of the other targets.
        for arm in ("from scratch", "target only", "transfer", "experience"):
            for target in given.targets:
                _carry_out(keep, data, (target, arm, seed))
        print(table(keep, given.targets, range(given.first, seed + 1)), flush=True)


def _carry_out(keep: Path, data: Path, cell: Cell) -> None:
    """Make one run in a log of its own, or continue it."""
    log = _log(keep, cell)
    if _finished(log):
        return
    config = log.with_suffix(".toml")
    if run_of(log, RUN) is None:
        config.write_text(configuration(keep, data, cell), encoding="utf-8")
    print(f"{log.stem} ...", file=sys.stderr, flush=True)
    carry_out(log, RUN, config, check=True)


def configuration(keep: Path, data: Path, cell: Cell) -> str:
    """Return the configuration of a cell as TOML."""
    target, arm, seed = cell
    others = TARGETS[target]
    sources = others if arm == "transfer" else ()
    logs = [str(_log(keep, (one, "from scratch", seed))) for one in others] if arm == "experience" else []
    source = f"[source]\ntasks = {json.dumps(sources)}\nexamples = 20\nbudget = {SOURCE}\n" if sources else ""
    text = CONFIG.format(
        name=RUN,
        seed=seed,
        experience=json.dumps([one for one in logs if Path(one).exists()]),
        source=source,
        target=target,
        budget=TARGET + SOURCE * (arm == "from scratch"),
    )
    return text + "".join(TASKS[task].table(task, data) for task in (*sources, target))


def _log(keep: Path, cell: Cell) -> Path:
    target, arm, seed = cell
    return keep / f"{target}.{arm.replace(' ', '-')}.{seed}.db"


def _finished(log: Path) -> RunFinished | None:
    """Return the verdict of the run in a log; None if there is none yet."""
    run = run_of(log, RUN)
    if run is None:
        return None
    with LogReader(log) as reader:
        event = next(reader.read(run, kinds=("run.finished",)), None)
    message = decode(event) if event else None
    assert message is None or isinstance(message, RunFinished)
    return message


def table(keep: Path, targets: Sequence[str], seeds: Sequence[int]) -> str:
    """Return the held-out accuracies by target and arm, and gains in points with standard errors."""
    lines = [
        "| target | seeds | initial | target only | from scratch | transfer | experience "
        "| transfer - target only | transfer - scratch | experience - target only |",
        f"|{'---|' * 10}",
    ]
    groups = {
        **{name: [name] for name in targets},
        "the family": [name for name in targets if name in FAMILY],
        "unrelated": [name for name in targets if name in UNRELATED],
    }
    for title, names in groups.items():
        found = [row for name in names for seed in seeds if (row := _accuracies(keep, name, seed))]
        if found:
            means = [f"{mean(row[arm] for row in found):.3f}" for arm in ("initial", *ARMS)]
            pairs = (("transfer", "target only"), ("transfer", "from scratch"), ("experience", "target only"))
            gains = [_spread([100 * (row[one] - row[other]) for row in found]) for one, other in pairs]
            lines.append(f"| {title} | {len(found)} | {' | '.join((*means, *gains))} |")
    return "\n".join(lines)


def _accuracies(keep: Path, target: str, seed: int) -> dict[str, float] | None:
    """Return arm -> held-out accuracy of its best prompt, with "initial"; None if a run is missing."""
    found: dict[str, float] = {}
    for arm in ARMS:
        finished = _finished(_log(keep, (target, arm, seed)))
        if finished is None:
            return None
        main_metric = _metric(finished.comparisons)
        found |= {"initial": main_metric.other, arm: main_metric.best}
    return found


def _metric(comparisons: Sequence[Comparison]) -> Comparison:
    return next(one for one in comparisons if one.measure == "metric")


def _spread(values: Sequence[float]) -> str:
    error = stdev(values) / len(values) ** 0.5 if len(values) > 1 else float("nan")
    return f"{mean(values):+.1f} ± {error:.1f}"


if __name__ == "__main__":
    main()
