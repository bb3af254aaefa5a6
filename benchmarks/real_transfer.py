"""Measure what transfer brings on public data with the embedded model, on held-out rows.

    python benchmarks/real_transfer.py --data FOLDER --keep FOLDER --json docs/real_transfer.json
        [--seeds 5] [--targets NAME ...] [--workers N] [--dtype float32]

--data holds the public data sets of public_tasks.py as JSON Lines, --keep the logs, one for each run, which
can be replayed. --json keeps what the runs have found, without any row of the data. A run that is complete is
not made again, so a measurement that was cut off is continued; a seed of which the JSON file has all runs
needs no logs any more.

The ten sets of clinc150_intents are a family: each is the target once, with the nine others as sources. The
other targets have unrelated sources. The arms: the target alone; the target alone with as many evaluations
as sources and target together; sources and target; and the target with the experience of the searches from
scratch of its sources, at no new cost. Seeds from 1,000 on are for reporting.
"""

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed, wait
from pathlib import Path
from statistics import mean, stdev

from kept_rows import Row, read_rows, write_rows
from kept_runs import carry_out, run_of
from public_tasks import TASKS

from transfer_prompting.agents.messages import RunFinished
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
ORDER = ("from scratch", "target only", "transfer", "experience")
"""Order in which the arms are run: the searches from scratch are the earlier runs of the other targets."""
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
dtype = "{dtype}"
[models.reference]
provider = "smollm2"
dtype = "{dtype}"
"""
Cell = tuple[str, str, int]
"""Target, arm and seed."""
_KEY = ("target", "arm", "seed")


def main() -> None:
    """Make the missing runs and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--keep", type=Path, required=True)
    parser.add_argument("--json", type=Path, required=True, help="file that keeps what was found")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--first", type=int, default=FIRST_SEED)
    parser.add_argument("--workers", type=int, default=1, help="runs at a time")
    parser.add_argument("--dtype", default="float32", help="type of the model's weights")
    parser.add_argument("--targets", nargs="+", default=list(TARGETS), choices=list(TARGETS))
    given = parser.parse_args()
    keep, data = given.keep.resolve(), given.data.resolve()
    keep.mkdir(parents=True, exist_ok=True)
    seeds = range(given.first, given.first + given.seeds)
    found: dict[Cell, Row] = read_rows(given.json, _KEY)
    with ThreadPoolExecutor(given.workers) as pool:
        running: dict[Cell, Future[None]] = {}
        for seed in seeds:
            cells = [(target, arm, seed) for arm in ORDER for target in given.targets]
            for cell in () if found.keys() >= set(cells) else cells:
                earlier = [running[one, ORDER[0], seed] for one in given.targets if cell[1] != ORDER[0]]
                running[cell] = pool.submit(_carry_out, keep, data, given.dtype, cell, earlier)
        names = {future: cell for cell, future in running.items()}
        for future in as_completed(names):
            future.result()
            cell = names[future]
            found[cell] = _row(keep, cell)
            write_rows(given.json, found.values(), _KEY)
    print(table(found, given.targets, seeds), flush=True)


def _row(keep: Path, cell: Cell) -> Row:
    """Return what a complete run has found: held-out accuracies, and its verdict."""
    finished = _finished(_log(keep, cell))
    assert finished is not None, cell
    metric = next(one for one in finished.comparisons if one.measure == "metric")
    target, arm, seed = cell
    return {
        "target": target,
        "arm": arm,
        "seed": seed,
        "initial": metric.other,
        "best": metric.best,
        "examples": metric.n,
        "improved": finished.improved,
    }


def _carry_out(keep: Path, data: Path, dtype: str, cell: Cell, earlier: Sequence[Future[None]]) -> None:
    """Make one run in a log of its own, or continue it, once the earlier ones have ended."""
    # They were submitted before, so they are running or done.
    wait(earlier)
    log = _log(keep, cell)
    if not _finished(log):
        config = log.with_suffix(".toml")
        if run_of(log, RUN) is None:
            config.write_text(configuration(keep, data, dtype, cell), encoding="utf-8")
        print(f"{log.stem} ...", file=sys.stderr, flush=True)
        carry_out(log, RUN, config, check=True)


def configuration(keep: Path, data: Path, dtype: str, cell: Cell) -> str:
    """Return the configuration of a cell as TOML."""
    target, arm, seed = cell
    others = TARGETS[target]
    sources = others if arm == "transfer" else ()
    logs = [str(_log(keep, (one, "from scratch", seed))) for one in others] if arm == "experience" else []
    source = f"[source]\ntasks = {json.dumps(sources)}\nexamples = 20\nbudget = {SOURCE}\n" if sources else ""
    text = CONFIG.format(
        name=RUN,
        dtype=dtype,
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


def table(found: Mapping[Cell, Row], targets: Sequence[str], seeds: Sequence[int]) -> str:
    """Return the held-out accuracies by target and arm, and gains in points with standard errors."""
    lines = [
        "| target | runs of an arm | initial | target only | from scratch | transfer | experience "
        "| transfer - target only | transfer - scratch | experience - target only |",
        f"|{'---|' * 10}",
    ]
    groups = {
        **{name: [name] for name in targets},
        "the family": [name for name in targets if name in FAMILY],
        "unrelated": [name for name in targets if name in UNRELATED],
    }
    for title, names in groups.items():
        complete = [
            {arm: found[name, arm, seed] for arm in ARMS}
            for name in names
            for seed in seeds
            if all((name, arm, seed) in found for arm in ARMS)
        ]
        if complete:
            initial = mean(rows["target only"]["initial"] for rows in complete)
            means = [mean(rows[arm]["best"] for rows in complete) for arm in ARMS]
            cells = [f"{value:.3f}" for value in (initial, *means)]
            pairs = (("transfer", "target only"), ("transfer", "from scratch"), ("experience", "target only"))
            for one, other in pairs:
                cells.append(_spread([100 * (rows[one]["best"] - rows[other]["best"]) for rows in complete]))
            lines.append(f"| {title} | {len(complete)} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _spread(values: Sequence[float]) -> str:
    error = stdev(values) / len(values) ** 0.5 if len(values) > 1 else float("nan")
    return f"{mean(values):+.1f} ± {error:.1f}"


if __name__ == "__main__":
    main()
