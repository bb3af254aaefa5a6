"""The command `compare`."""

from pathlib import Path

import click

from ...agents.messages import Comparison
from ...storage.place import Place
from ..console.formatting import number
from ..console.visible import one_line
from ..projections.history import read_history
from ..projections.target_view import for_target, targets_of
from ..report.page import comparison_page
from ..report.side_by_side import RunColumn, SideBySide, side_by_side
from .log_reading import open_log
from .options import PATH, json_option, log_option, log_path, target_option
from .output import print_document, print_table, write_page

_WIDTH = 40
_OF_COMPOSITES = ("composite score", "  own prompt ", "  difference ")
"""Rows that only runs with a composite score fill."""


@click.command
@click.argument("runs", nargs=-1, required=True, help="Two or more runs of the same log.")
@click.option("-o", "--output", type=PATH, help="Write an HTML page to this file instead.")
@target_option
@log_option
@json_option
def compare(
    runs: tuple[str, ...], output: Path | None, target: str | None, log: Place | None, json: bool
) -> None:
    """Compare the results, costs and settings of several runs. To find where two runs part, use `tp diff`."""
    with open_log(log_path(log, *runs)) as reader:
        names = dict.fromkeys(reader.resolve(run) for run in runs)
        if len(names) < 2:
            raise click.UsageError(
                f"A run cannot be compared with itself: {', '.join(names)}. Name another run."
            )
        # A run with one target has nothing to choose, and may stand beside runs with several.
        several = {name for name in names if targets_of(reader, name)}
        if target is not None and not several:
            raise click.UsageError("Each of these runs has one target only: leave --target out.")
        views = {name: for_target(reader, name, target) if name in several else reader for name in names}
        found = side_by_side([read_history(view, name) for name, view in views.items()])
    if json:
        print_document("compare", found)
    elif output is not None:
        write_page(output, comparison_page(found))
    else:
        _print_side_by_side(found)


def _print_side_by_side(found: SideBySide) -> None:
    """Print the verdicts, the prompts, the costs, and the settings that differ."""
    columns = [run.run for run in found.runs]
    print_table(["", *columns], _table(found))
    if not found.same_examples:
        print("\nThe verdicts rest on different held-out examples: compare differences, not values.")
    print()
    if not found.settings:
        print("The runs have the same configuration, models and versions.")
        return
    rows = [[s.place, *("-" if v is None else _short(str(v)) for v in s.values)] for s in found.settings]
    print_table(["setting that differs", *columns], rows)


def _table(found: SideBySide) -> list[list[str]]:
    """Return one row per quantity, with one cell per run; composite scores only if a run has one."""
    columns = [_column(run) for run in found.runs]
    scored = any(comparison.measure == "composite" for run in found.runs for comparison in run.comparisons)
    names = [name for name in columns[0] if scored or name not in _OF_COMPOSITES]
    return [[name, *(column[name] for column in columns)] for name in names]


def _column(run: RunColumn) -> dict[str, str]:
    best = next((f for f in run.finalists if f.role == "best"), None)
    gains = {c.measure: c for c in run.comparisons}
    main, composite = gains.get("metric"), gains.get("composite")
    return {
        "verdict": run.headline,
        "best prompt": run.winner or "-",
        "": _short(run.winner_text),
        "main metric": run.metric,
        "  best prompt": f"{number(best.metric, 3)} on {best.examples}" if best else "-",
        "  95 % interval": f"{number(best.metric_low, 3)} to {number(best.metric_high, 3)}" if best else "-",
        "  own prompt": number(main.other if main else None, 3),
        "  difference": _gain(main),
        "composite score": number(composite.best if composite else None, 3),
        "  own prompt ": number(composite.other if composite else None, 3),
        "  difference ": _gain(composite),
        "examples answered": f"{run.evaluations:,}",
        "calls": f"{run.calls:,}",
        "tokens in": f"{run.prompt_tokens:,}",
        "tokens out": f"{run.completion_tokens:,}",
        "money": number(run.money, 4),
        "seconds": f"{run.seconds:,.1f}",
    }


def _gain(comparison: Comparison | None) -> str:
    if comparison is None:
        return "-"
    low, high = 100 * comparison.low, 100 * comparison.high
    return f"{100 * comparison.difference:+.1f} ({low:+.1f} to {high:+.1f})"


def _short(text: str) -> str:
    line = one_line(text)
    return line if len(line) <= _WIDTH else line[: _WIDTH - 1] + "…"
