"""Compare prompt optimisers on landscapes whose truth is known.

    python benchmarks/peers.py --python PEERS/bin/python --json docs/benchmarks.json --page docs/benchmarks.md

PEERS is an environment with the extra `bench`. The arms that do not need it run with this interpreter.
Every run is saved in the JSON file as soon as it has ended. A run that is there is repeated only if it failed
or if the code that it rests on has changed since, so a longer comparison continues a shorter one. The page is
written from the file. Seeds from 1,000 on are for reporting alone; settings were tuned on smaller ones.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from graded_page import HEADING as GRADED
from landscape import KINDS
from measured import PAGES, Record, digest, marked, read_records, record
from page_sections import section_of
from peers_page import ALL, key_of, page
from peers_run import ARMS, OWN, SEARCHES, TRANSFER, Run, run_arm, sources
from programs_page import HEADING as PROGRAMS
from server import ServerOptions

TOKENS = {
    "hidden_rules": 400_000,
    "source_target": 400_000,
    "null": 200_000,
    "defective_seed": 200_000,
    "tradeoff": 200_000,
    "noisy_judge": 200_000,
}
"""Budget of a run by landscape, in tokens of the task model."""


FIRST_SEED = 1000
"""First of the seeds that are reported."""


def main() -> None:
    """Make the missing runs and write the page."""
    wanted = _arguments()
    runs = [run for run in read_runs(wanted.json) if not run.error and run.arm not in wanted.redo]
    code = {arm: digest(sources(arm)) for arm in ARMS}
    done = {run.key for run in runs if run.code == code[run.arm]}
    plans = [
        (landscape, seed, arm)
        for arm in wanted.arms
        for landscape in wanted.landscapes
        for seed in range(wanted.first, wanted.first + wanted.seeds)
        if arm != TRANSFER or KINDS[landscape].sources
    ]
    for landscape, seed, arm in (plan for plan in plans if plan not in done):
        options = ServerOptions(
            landscape=landscape, seed=seed, slots=wanted.slots, seconds_per_request=wanted.latency
        )
        python = sys.executable if arm in OWN else wanted.python
        run = run_arm(arm, options, wanted.tokens or TOKENS[landscape], python, wanted.timeout)
        runs = [*(other for other in runs if other.key != run.key), run]
        print(_line(run), file=sys.stderr, flush=True)
        write_runs(wanted.json, runs)
    if wanted.page:
        write_page(wanted.page, runs, wanted.slots, wanted.latency)


def write_page(path: Path, runs: Sequence[Run], slots: int, latency: float) -> None:
    """Write the page from the runs; sections that other programs write are kept."""
    old = path.read_text(encoding="utf-8") if path.exists() else ""
    kept = (section_of(old, heading) for heading in (GRADED, PROGRAMS))
    found = {
        key_of(landscape): _measured([run for run in runs if run.landscape == landscape])
        for landscape in dict.fromkeys(run.landscape for run in runs)
    }
    found[ALL] = _measured(runs)
    text = "".join([page(runs, slots=slots, latency=latency), *kept])
    path.write_text(marked(text, {**read_records(), **found}), encoding="utf-8")
    if path.resolve() in PAGES:
        for key, measured in found.items():
            record(key, measured)


def _measured(runs: Sequence[Run]) -> Record:
    """Return what the page says about these runs."""
    landscapes = dict.fromkeys(run.landscape for run in runs)
    days, own = sorted({run.date for run in runs}), [run.commit for run in runs if run.arm in SEARCHES]
    paths = tuple(sorted({path for run in runs for path in sources(run.arm)}))
    now = {arm: digest(sources(arm)) for arm in {run.arm for run in runs}}
    current = all(run.code == now[run.arm] for run in runs)
    return Record(
        command=f"python benchmarks/peers.py --landscapes {' '.join(landscapes)}",
        date=days[0] if len(days) == 1 else f"{days[0]} to {days[-1]}",
        commit=(own or [runs[0].commit])[-1],
        sources=paths,
        digest=digest(paths) if current else "",
    )


def read_runs(path: Path) -> list[Run]:
    """Return the runs of an earlier comparison, or none if there is no file yet."""
    if not path.exists():
        return []
    return [Run(**run) for run in json.loads(path.read_text(encoding="utf-8"))]


def write_runs(path: Path, runs: Sequence[Run]) -> None:
    """Write the runs, one per line."""
    lines = ",\n".join(json.dumps(run.as_json()) for run in runs)
    path.write_text(f"[\n{lines}\n]\n", encoding="utf-8")


def _line(run: Run) -> str:
    what = f"{run.landscape} {run.seed} {run.arm}"
    if run.error:
        return f"{what}: failed: {run.error.splitlines()[-1]}"
    return f"{what}: true {run.true:.3f}, {run.task_tokens:,} tokens, {run.seconds:.0f} s"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Compare prompt optimisers where the truth is known.")
    parser.add_argument(
        "--python", default=sys.executable, help="interpreter that has the other optimisers installed"
    )
    parser.add_argument("--json", type=Path, default=Path("docs/benchmarks.json"), help="file of all runs")
    parser.add_argument("--page", type=Path, help="where to write the Markdown page")
    parser.add_argument("--landscapes", nargs="+", default=list(TOKENS), choices=list(TOKENS))
    parser.add_argument("--arms", nargs="+", default=list(ARMS), choices=list(ARMS))
    parser.add_argument(
        "--redo", nargs="+", default=[], choices=list(ARMS), help="repeat the runs of these arms"
    )
    parser.add_argument("--first", type=int, default=FIRST_SEED, help="first seed")
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--tokens", type=int, help="budget of a run, on every landscape")
    parser.add_argument("--slots", type=int, default=16)
    parser.add_argument("--latency", type=float, default=0.02, help="seconds per request")
    parser.add_argument("--timeout", type=float, default=900, help="seconds a run may take")
    return parser.parse_args()


if __name__ == "__main__":
    main()
