"""The last table of a run on the screen: the user's prompt, the best one and the gain."""

from rich.table import Table
from rich.text import Text

from ..projections.final_table import PRICED_ANSWERS, FinalRow, FinalTable
from .visible import one_line

_WITHOUT_COSTS = 3
"""Number of the columns without those of the costs."""
_TITLE = 30
"""Width to which the title of a metric is cut."""
_NARROW = 70
"""Width below which the costs of an answer are left out."""


def draw_final_table(found: FinalTable, width: int) -> Table:
    """Return the table for a screen of `width` columns; a narrow one has no room for the costs."""
    wide = width >= _NARROW
    priced = found.own.price is not None
    table = Table(box=None, padding=(0, 2 if wide else 1, 0, 0), pad_edge=False, header_style="dim")
    titles = ["", one_line(found.metric)[:_TITLE], "95 % interval", "tokens", *(["price"] if priced else [])]
    rows = [["your prompt", *_cells(found.own, priced)]]
    if found.best is not None:
        rows += [["best prompt", *_cells(found.best, priced)], ["gain", *_gain(found, found.best, priced)]]
    shown = len(titles) if wide else _WITHOUT_COSTS
    for number, title in enumerate(titles[:shown]):
        table.add_column(Text(title), justify="right" if number else "left", overflow="fold")
    for cells in rows:
        style = "bold" if cells[0] == "best prompt" else ""
        table.add_row(*map(Text, cells[:shown]), style=style)
    return table


def basis_of(found: FinalTable, width: int) -> str:
    """Return what the table rests on, and for what its costs are."""
    if width < _NARROW:
        return f"On {found.examples:,} held-out examples."
    price = f", price of {PRICED_ANSWERS:,}" if found.own.price is not None else ""
    return f"On {found.examples:,} held-out examples; tokens of one answer{price}."


def _cells(row: FinalRow, priced: bool) -> list[str]:
    value, low, high = row.value.value, row.value.low, row.value.high
    cells = [
        "-" if value is None else f"{value:.3f}",
        "" if low is None or high is None else f"{low:.2f} to {high:.2f}",
        f"{row.tokens:,.0f}",
    ]
    return [*cells, *([_price(row.price)] if priced else [])]


def _gain(found: FinalTable, best: FinalRow, priced: bool) -> list[str]:
    cells = [
        f"{100 * found.gain:+.1f} points",
        f"{100 * found.low:+.1f} to {100 * found.high:+.1f}",
        f"{round(best.tokens) - round(found.own.tokens):+,}",
    ]
    if priced:
        difference = (best.price or 0.0) - (found.own.price or 0.0)
        cells.append(("+" if difference >= 0 else "-") + _price(abs(difference)))
    return cells


def _price(price: float | None) -> str:
    if price is None:
        return "-"
    return f"{price:,.4f}" if price < 1 else f"{price:,.2f}"
