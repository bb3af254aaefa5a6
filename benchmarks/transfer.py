"""Measure what a source stage is worth, and what wrong experience costs, where the truth is known.

    python benchmarks/transfer.py --json docs/transfer.json [--runs 48] [--workers 1]

Runs with and without sources are paired by seed. The JSON file keeps every run, so that a measurement that
was cut off is continued. Seeds from 1,000 on are for reporting alone; settings were tuned on smaller ones.
"""

import argparse
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from statistics import mean, stdev
from typing import Any

from kept_rows import Row, read_rows, write_rows
from transfer_runs import Plan, carry_out

FIRST_SEED = 1001
_FEW: dict[str, Any] = {"labels": 16, "source": {"budget": 1350}, "target": {"budget": 450}}
_AMPLE: dict[str, Any] = {"labels": 100, "source": {"budget": 225}, "target": {"budget": 675}}
ARMS: dict[str, dict[str, Any]] = {
    "x16": _FEW,
    "s16": {"labels": 16, "target": {"budget": 1800}},
    "v16": {**_FEW, "validity": 0.5},
    "w16": {**_FEW, "validity": 0.0},
    "x100": _AMPLE,
    "a100": {"labels": 100, "source": {}, "search": {"evaluations": 900}},
    "s100": {"labels": 100, "target": {"budget": 900}},
}
"""Arms: x with sources, s from scratch, v with sources of whose rules half are true, w with none true.

In a100 the product itself shares the evaluations between sources and target.
"""
_KEY = ("arm", "seed")


def main() -> None:
    """Make the runs that are missing, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--json", type=Path, required=True, help="file that keeps the runs")
    parser.add_argument("--runs", type=int, default=48)
    parser.add_argument("--workers", type=int, default=1, help="processes")
    parser.add_argument("--arms", default=",".join(ARMS), help="arms to run")
    options = parser.parse_args()
    rows = read_rows(options.json, _KEY)
    arms = options.arms.split(",")
    missing = [
        (arm, seed)
        for seed in range(FIRST_SEED, FIRST_SEED + options.runs)
        for arm in arms
        if (arm, seed) not in rows
    ]
    with ProcessPoolExecutor(options.workers) as workers:
        for key, row in zip(missing, workers.map(_run, missing), strict=True):
            rows[key] = row
            write_rows(options.json, rows.values(), _KEY)
    print(table(rows))


def table(rows: dict[tuple[str, int], Row]) -> str:
    """Return the comparisons as a Markdown table; differences in points, with their standard errors."""
    lines = [
        "| labels | rules true | compared at equal | runs | with sources | from scratch | difference |",
        "|---|---|---|---|---|---|---|",
    ]
    for labels in (16, 100):
        named = {"x": "all", "v": "half", "w": "none", "a": "all, shared by the product"}
        for arm, true in ((f"{letter}{labels}", true) for letter, true in named.items()):
            seeds = sorted(s for name, s in rows if name == arm and (f"s{labels}", s) in rows)
            pairs = [(rows[arm, seed], rows[f"s{labels}", seed]) for seed in seeds]
            lines += [_line(labels, true, at, pairs) for at in ("total", "target") if pairs]
    return "\n".join(lines)


def _line(labels: int, true: str, at: str, pairs: Sequence[tuple[Row, Row]]) -> str:
    mine = [100 * one["best"] for one, _ in pairs]
    others = [100 * (o["best"] if at == "total" else _after(o, one["target"])) for one, o in pairs]
    differences = [one - other for one, other in zip(mine, others, strict=True)]
    cells = (spread(values) for values in (mine, others, differences))
    return f"| {labels} | {true} | {at} evaluations | {len(pairs)} | {' | '.join(cells)} |"


def _after(row: Row, evaluations: int) -> float:
    """Return the accuracy of the best prompt after so many evaluations of the target stage."""
    curve = row["curve"]
    return float([curve[0][1], *(best for spent, best in curve if spent <= evaluations)][-1])


def spread(values: Sequence[float]) -> str:
    """Return the mean and its standard error as text."""
    error = stdev(values) / len(values) ** 0.5 if len(values) > 1 else float("nan")
    return f"{mean(values):.1f} ± {error:.1f}"


def _run(key: tuple[str, int]) -> Row:
    arm, seed = key
    return {"arm": arm, "seed": seed, **carry_out(Plan(seed=seed, **ARMS[arm]))}


if __name__ == "__main__":
    main()
