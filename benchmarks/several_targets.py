"""Measure what sources are worth to several related targets that share them, where the truth is known.

    python benchmarks/several_targets.py --json docs/several_targets.json [--runs 48] [--evaluations 600]

Both arms have as many evaluations for each of the three targets, those of the sources included. The JSON file
keeps every run, so that a measurement that was cut off is continued. Seeds from 1,000 on are for reporting.
"""

import argparse
import json
from pathlib import Path
from statistics import mean
from typing import Any

from transfer import spread
from transfer_runs import Plan, carry_out_several

TARGETS = 3
FIRST_SEED = 1001
ARMS: dict[str, dict[str, Any]] = {"with sources": {"source": {}}, "from scratch": {}}


def main() -> None:
    """Make the runs that are missing, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--json", type=Path, required=True, help="file that keeps the runs")
    parser.add_argument("--runs", type=int, default=48)
    parser.add_argument("--first", type=int, default=FIRST_SEED)
    parser.add_argument("--evaluations", type=int, default=600, help="evaluations for each target")
    given = parser.parse_args()
    rows: dict[str, dict[str, float]] = json.loads(given.json.read_text()) if given.json.exists() else {}
    seeds = range(given.first, given.first + given.runs)
    for seed in seeds:
        for arm, settings in ARMS.items():
            key = f"{arm}, seed {seed}, {given.evaluations} evaluations"
            if key not in rows:
                total = {"evaluations": TARGETS * given.evaluations}
                rows[key] = carry_out_several(Plan(seed=seed, targets=TARGETS, search=total, **settings))
                given.json.write_text(f"{json.dumps(rows, indent=0)}\n", encoding="utf-8")
    found = {
        arm: [
            100 * mean(rows[f"{arm}, seed {seed}, {given.evaluations} evaluations"].values())
            for seed in seeds
        ]
        for arm in ARMS
    }
    gains = [one - other for one, other in zip(*found.values(), strict=True)]
    print("| evaluations for each target | runs | with sources | from scratch | difference |")
    print(f"|{'---|' * 5}")
    cells = (given.evaluations, len(seeds), *map(spread, (*found.values(), gains)))
    print(f"| {' | '.join(map(str, cells))} |")


if __name__ == "__main__":
    main()
