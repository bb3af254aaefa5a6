"""Compare optimisers of whole programs, at equal task-model tokens, where the truth of each text is known.

    python benchmarks/programs.py --python PEERS/bin/python --page docs/benchmarks.md

PEERS is an environment with the extra `bench`. The arms that do not need it run with this interpreter.
Seeds below 1,000 are for tuning; figures to report begin at `--first`. Every run is saved in the JSON file as
soon as it has ended, and a run that is there is repeated only if it failed. The section of the page is
written from the file.
"""

import argparse
import sys
from pathlib import Path

from measured import marked, read_records
from page_sections import with_section
from peers import read_runs, write_runs
from programs_page import section
from programs_run import ARMS, OWN, run_arm

REPORTED = 1000
"""First seed of reported figures."""
TOKENS = (400_000,)
"""Budgets of a run, in tokens of the task model."""


def main() -> None:
    """Make the missing runs and write the section."""
    wanted = _arguments()
    runs = [run for run in read_runs(wanted.json) if not run.error and run.arm not in wanted.redo]
    done = {(run.budget, run.seed, run.arm) for run in runs}
    plans = [
        (tokens, seed, arm)
        for tokens in wanted.tokens
        for seed in range(wanted.first, wanted.first + wanted.seeds)
        for arm in wanted.arms
    ]
    for tokens, seed, arm in plans:
        if (tokens, seed, arm) in done:
            continue
        run = run_arm(arm, seed, tokens, sys.executable if arm in OWN else wanted.python, wanted.timeout)
        runs.append(run)
        said = f"failed: {run.error.splitlines()[-1]}" if run.error else f"true {run.true:.3f}"
        print(
            f"{seed} {arm}: {said}, {run.task_tokens:,} tokens, {run.seconds:.0f} s",
            file=sys.stderr,
            flush=True,
        )
        write_runs(wanted.json, runs)
    if wanted.page:
        page = wanted.page.read_text(encoding="utf-8")
        text = marked(with_section(page, section(runs)), read_records())
        wanted.page.write_text(text, encoding="utf-8")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--python", default=sys.executable, help="interpreter that has the other optimisers installed"
    )
    parser.add_argument("--json", type=Path, default=Path("docs/programs.json"), help="file of all runs")
    parser.add_argument("--page", type=Path, help="Markdown page whose section is to be written")
    parser.add_argument("--arms", nargs="+", default=list(ARMS), choices=list(ARMS))
    parser.add_argument(
        "--redo", nargs="+", default=[], choices=list(ARMS), help="repeat the runs of these arms"
    )
    parser.add_argument("--first", type=int, default=REPORTED, help="first seed")
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--tokens", nargs="+", type=int, default=list(TOKENS), help="budgets of a run")
    parser.add_argument("--timeout", type=float, default=900, help="seconds a run may take")
    return parser.parse_args()


if __name__ == "__main__":
    main()
