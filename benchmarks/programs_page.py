"""The section on programs of the page of benchmarks, written from the runs."""

import json
from collections.abc import Sequence
from statistics import median, quantiles
from textwrap import fill

from landscape.two_modules import RETRIEVE, make_two_modules
from measured import marker
from peers_run import Run

HEADING = "## Programs of several texts"
KEY = "programs"
"""Key of these measurements (see `measured`)."""
_INTRODUCTION = """
    python benchmarks/programs.py --python PEERS/bin/python --page docs/benchmarks.md

A program of two calls (`benchmarks/arms/desk_program.py`): `retrieve` writes the query for a search of an
archive, `answer` names the desk from the message and the notice found. Each text has eight hidden rules, one
for each topic; what points to a rule of `retrieve` stands in that module's input alone, and so for `answer`.
The true accuracy of a pair of texts is computed (`benchmarks/landscape/two_modules/`). All arms have the same
100 training and 100 development examples, the same proposer, and begin with the same two texts. The
module's own input and output, the notice found, and the right answer are told to every reflection.
"""
_TERMS = """
- *true*: median true accuracy of the reported texts, with the quartiles; *retrieve*: the same for the
  probability that the right notice is found.
- *claimed - true*: median accuracy claimed for the texts, minus the true one. This project takes its claim
  from 60 of the training examples, which its search does without.
- *tokens*: median thousands of the task model's tokens, as the server counts them. No arm pays again for a
  request that was sent before. MIPROv2 stops only with its preset: the largest one that about fits the budget
  is taken, and with demonstrations the smallest, which exceeds it.
- DSPy explains its format in every request, which more than doubles the tokens of a call.
"""
_HEAD = ("arm", "true", "retrieve", "claimed - true", "tokens", "calls", "proposals")


def section(runs: Sequence[Run]) -> str:
    """Return the section as Markdown."""
    versions = {package: version for run in runs for package, version in run.versions.items()}
    said = ", ".join(f"{package} {version}" for package, version in sorted(versions.items()))
    budgets = sorted({run.budget for run in runs})
    parts = [
        HEADING,
        marker(KEY),
        _INTRODUCTION.strip("\n"),
        fill(f"Versions: {said}.", 106),
        _TERMS.strip("\n"),
        *(part for budget in budgets for part in _budget([run for run in runs if run.budget == budget])),
    ]
    return "\n\n".join(parts) + "\n"


def _budget(runs: Sequence[Run]) -> list[str]:
    seeds = sorted({run.seed for run in runs})
    by_arm = {arm: [run for run in runs if run.arm == arm] for arm in dict.fromkeys(run.arm for run in runs)}
    ended = {arm: done for arm, found in by_arm.items() if (done := [run for run in found if not run.error])}
    ranked = sorted(ended, key=lambda arm: -median(run.true for run in ended[arm]))
    lines = [_HEAD, ("---",) * len(_HEAD), *(_row(arm, ended[arm]) for arm in ranked)]
    failed = [
        f"- {run.arm}, seed {run.seed}, failed: {run.error.splitlines()[-1]}" for run in runs if run.error
    ]
    return [
        f"{runs[0].budget:,} tokens a run, seeds {seeds[0]:,} to {seeds[-1]:,}; "
        f"initial {runs[0].initial:.3f}, attainable {runs[0].attainable:.3f}:",
        "\n".join(f"| {' | '.join(line)} |" for line in lines),
        *(["\n".join(failed)] if failed else []),
    ]


def _row(arm: str, runs: Sequence[Run]) -> tuple[str, ...]:
    claimed = [run.claimed - run.true for run in runs if run.claimed is not None]
    return (
        arm,
        _spread([run.true for run in runs]),
        _spread([_found(run) for run in runs]),
        f"{median(claimed):+.3f}" if claimed else "-",
        f"{median(run.task_tokens for run in runs) / 1000:,.0f}",
        f"{median(run.task_requests for run in runs):,.0f}",
        f"{median(run.proposer_requests for run in runs):,.0f}",
    )


def _spread(values: Sequence[float]) -> str:
    """Return the median, with the quartiles if there are several values."""
    if len(values) < 2:
        return f"{median(values):.3f}"
    low, _, high = quantiles(values, n=4, method="inclusive")
    return f"{median(values):.3f} ({low:.3f} to {high:.3f})"


def _found(run: Run) -> float:
    """Return the probability that the right notice is found with the texts of a run."""
    return make_two_modules(run.seed).true_shares(json.loads(run.prompt))[RETRIEVE]
