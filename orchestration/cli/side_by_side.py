"""What `compare` prints: several runs side by side."""

from ...agents.messages import Comparison
from ..console.formatting import number, one_line
from ..report.side_by_side import RunColumn, SideBySide
from .documents import fields, print_document
from .tables import print_table

_WIDTH = 40


def print_side_by_side(found: SideBySide, *, as_json: bool) -> None:
    """The verdicts, the prompts, the costs, and the settings that differ."""
    if as_json:
        print_document("compare", fields(found))
        return
    columns = [run.run for run in found.runs]
    print_table(["", *columns], _table(found))
    if not found.same_examples:
        print("\nThe verdicts rest on different held-out examples: compare differences, not accuracies.")
    print()
    if not found.settings:
        print("The runs have the same configuration, models and versions.")
        return
    rows = [[s.place, *("-" if v is None else _short(str(v)) for v in s.values)] for s in found.settings]
    print_table(["setting that differs", *columns], rows)


def _table(found: SideBySide) -> list[list[str]]:
    """A row for each thing told of a run."""
    told = [_rows(run) for run in found.runs]
    return [[name, *(column[name] for column in told)] for name in told[0]]


def _rows(run: RunColumn) -> dict[str, str]:
    best = next((f for f in run.finalists if f.role == "best"), None)
    gains = {c.measure: c for c in run.comparisons}
    accuracy, composite = gains.get("accuracy"), gains.get("composite")
    return {
        "verdict": run.headline,
        "best prompt": run.winner or "-",
        "": _short(run.winner_text),
        "accuracy": f"{number(best.accuracy, 3)} on {best.examples}" if best else "-",
        "  95 % interval": f"{number(best.accuracy_low, 3)} to {number(best.accuracy_high, 3)}"
        if best
        else "-",
        "  own prompt": number(accuracy.other if accuracy else None, 3),
        "  difference": _gain(accuracy),
        "composite": number(composite.best if composite else None, 3),
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
