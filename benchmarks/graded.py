"""Measure claims on landscapes with graded values: false ones, their bias, and what wrong labels do.

    python benchmarks/graded.py --json docs/graded.json --page docs/benchmarks.md

The whole system runs in this process, or in several, on simulated models (benchmarks/landscape) whose
values under every prompt are known. Runs differ in the seed of the landscape, its examples and the search.
Seeds below 1,000 are for tuning; figures to report begin at `--first`. The rows of each table are saved in
the JSON file, and the section of the page is written from the file.
"""

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from graded_audit import audited
from graded_figures import claims, doubts, guard
from graded_page import section
from graded_run import SIZES, Plan, Result, carry_out
from landscape import GRADED, make_permuted_world
from landscape.permuted import SHY
from measured import marked, read_records
from page_sections import with_section

REPORTED = 10_000
"""First seed of reported figures."""
MILD = 0.6
"""Factor by which shy answers are less often right in the milder trap."""
WRONG_LABELS = 0.2
"""Share of permuted answers in the data whose wrong ones are to be found."""

Row = dict[str, Any]
Run = Callable[[Iterable[Plan]], list[Result]]
"""A function that carries out plans and returns their results."""


def claims_rows(seeds: Sequence[int], run: Run) -> Iterator[Row]:
    """Yield one row for each landscape, without and with rules that help."""
    for helpful in (False, True):
        for name in GRADED:
            results = run(Plan(name, seed, helpful) for seed in seeds)
            yield {"landscape": name, "helpful": helpful, **claims(results)}


def guard_rows(seeds: Sequence[int], run: Run) -> Iterator[Row]:
    """Yield two rows for each of two traps, without and with the guard of the main metric."""
    for share, shy in ((1.0, SHY), (0.5, MILD)):
        loss = round(100 * make_permuted_world(0, SIZES, share, shy).loss, 1)
        for guarded in (False, True):
            plan = Plan("permuted", 0, composite=True, guarded=guarded, permuted=share, shy=shy)
            results = run(replace(plan, seed=seed) for seed in seeds)
            yield {"permuted": share, "loss": loss, "guarded": guarded, **guard(results)}


def doubts_rows(seeds: Sequence[int], run: Run) -> Iterator[Row]:
    """Yield what the reference agent doubts in a run, and what an audit of the same data finds."""
    plans = [Plan("permuted", seed, permuted=WRONG_LABELS) for seed in seeds]
    in_runs = [result.doubts for result in run(plans) if result.doubts]
    yield {"by": "the reference agent, in a run", **doubts(in_runs)}
    yield {"by": "tp audit", **doubts([audited(plan) for plan in plans])}


QUESTIONS = {"claims": claims_rows, "guard": guard_rows, "doubts": doubts_rows}


def main() -> None:
    """Answer the questions and write the files, the figures after each row."""
    options = _arguments()
    seeds = range(options.first, options.first + options.runs)
    figures = _read(options.json)
    with ProcessPoolExecutor(options.workers) as workers:

        def run(plans: Iterable[Plan]) -> list[Result]:
            return list(workers.map(carry_out, plans))

        for question in options.questions if options.runs else ():
            rows: list[Row] = []
            figures[question] = {
                "date": date.today().isoformat(),
                "first_seed": options.first,
                "runs": options.runs,
                "rows": rows,
            }
            for row in QUESTIONS[question](seeds, run):
                rows.append(row)
                print(json.dumps(row), file=sys.stderr, flush=True)
                if options.json:
                    options.json.write_text(f"{json.dumps(figures, indent=1)}\n", encoding="utf-8")
    if options.page:
        page = options.page.read_text(encoding="utf-8")
        text = marked(with_section(page, section(figures)), read_records())
        options.page.write_text(text, encoding="utf-8")


def _read(path: Path | None) -> dict[str, Any]:
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path and path.exists() else {}


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("questions", nargs="*", default=list(QUESTIONS), metavar="claims|guard|doubts")
    parser.add_argument("--runs", type=int, default=200, help="runs of each row; 0 to write the page alone")
    parser.add_argument("--first", type=int, default=REPORTED, help="first seed")
    parser.add_argument("--workers", type=int, default=1, help="processes")
    parser.add_argument("--json", type=Path, help="file of the figures")
    parser.add_argument("--page", type=Path, help="Markdown page whose section is to be written")
    options = parser.parse_args()
    if unknown := sorted(set(options.questions) - set(QUESTIONS)):
        parser.error(f"unknown question {unknown[0]}; known are {', '.join(QUESTIONS)}")
    return options


if __name__ == "__main__":
    main()
