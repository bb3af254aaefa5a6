"""Measure what several related targets gain by one run that they share, where the truth is known.

    python benchmarks/several_targets.py --json docs/several_targets.json [--runs 48] [--evaluations 600]

Each of the three targets has 100 labelled examples. In the arm "from scratch" each has a run of its own
without sources. In the others one run has all of them, with source tasks or without, and each target learns
from those before it. All arms have as many evaluations in all. The JSON file keeps every run, so that a
measurement that was cut off is continued. Seeds from 1,000 on are for reporting.
"""

import argparse
import json
from pathlib import Path
from statistics import mean

from transfer import spread
from transfer_runs import Plan, carry_out_several

TARGETS = ("target", "target_2", "target_3")
FIRST_SEED = 1001
ARMS = ("with sources", "without sources", "from scratch")


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
        for arm in ARMS:
            key = _key(arm, seed, given.evaluations)
            if key not in rows:
                rows[key] = _carry_out(arm, seed, given.evaluations)
                given.json.write_text(_text(rows), encoding="utf-8")
    found = {
        arm: [100 * mean(rows[_key(arm, seed, given.evaluations)].values()) for seed in seeds] for arm in ARMS
    }
    print("| evaluations for each target | runs | arm | accuracy | against from scratch |")
    print(f"|{'---|' * 5}")
    for arm, values in found.items():
        gains = [one - other for one, other in zip(values, found["from scratch"], strict=True)]
        told = spread(gains) if arm != "from scratch" else ""
        print(f"| {given.evaluations} | {len(seeds)} | {arm} | {spread(values)} | {told} |")


def _carry_out(arm: str, seed: int, evaluations: int) -> dict[str, float]:
    count = len(TARGETS)
    if arm == "from scratch":
        plans = [
            Plan(seed=seed, targets=count, only=only, search={"evaluations": evaluations}) for only in TARGETS
        ]
    else:
        budget = count * evaluations // 4
        source: dict[str, object] | None = {"budget": budget} if arm == "with sources" else None
        plans = [Plan(seed=seed, targets=count, source=source, search={"evaluations": count * evaluations})]
    return {target: best for plan in plans for target, best in carry_out_several(plan).items()}


def _key(arm: str, seed: int, evaluations: int) -> str:
    return f"{arm}, seed {seed}, {evaluations} evaluations"


def _text(rows: dict[str, dict[str, float]]) -> str:
    lines = ",\n".join(f"{json.dumps(key)}: {json.dumps(row)}" for key, row in rows.items())
    return f"{{\n{lines}\n}}\n"


if __name__ == "__main__":
    main()
