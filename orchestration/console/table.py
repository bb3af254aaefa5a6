"""The leaderboard: the prompts of a stage with their score vectors, as wide as the screen allows."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from rich.table import Table
from rich.text import Text

from ..projections.current_standing import top_prompts
from ..projections.leaderboard import Leaderboard, PromptRow
from .formatting import number, row
from .visible import one_line

TOP = 10
"""Number of prompts shown for each stage."""
MARKS = "* best   o best initial prompt   ^ promoted   x stopped after n examples"
_MIN_TEXT = 24
"""Width that each prompt's text gets at least: columns are dropped until it fits."""


@dataclass(frozen=True)
class _Column:
    title: str
    width: int
    rank: int
    """Columns of higher rank are dropped first on a narrow screen; those of rank 0 stay."""
    measure: str = ""
    interval: str = ""


_COLUMNS = (
    _Column("", 3, 0),
    _Column("score", 5, 0),
    _Column("test", 5, 1),
    _Column("acc", 4, 2, "accuracy"),
    _Column("95 %", 7, 5, interval="accuracy"),
    _Column("ifr", 4, 4, "ifr"),
    _Column("95 %", 7, 11, interval="ifr"),
    _Column("1-ece", 5, 6, "one_minus_ece"),
    _Column("95 %", 7, 12, interval="one_minus_ece"),
    _Column("auroc", 5, 8, "auroc"),
    _Column("95 %", 7, 13, interval="auroc"),
    _Column("pr-p", 4, 9, "pr_p"),
    _Column("pr-n", 4, 10, "pr_n"),
    _Column("n", 4, 0),
    _Column("how", 11, 7),
    _Column("text", 0, 0),
    _Column("prompt", 9, 0),
)


def prompt_table(board: Leaderboard, width: int) -> Table:
    """Return the best prompts of one stage as a table of `width` columns of characters."""
    scored, shown = len(board.ranked()), top_prompts(board, TOP)
    tasks = one_line(", ".join(board.tasks))
    title = row(f"{board.stage} stage ({tasks}): {len(shown)} of {scored} scored prompts")
    return leaderboard(board, shown, width, title=title)


def leaderboard(
    board: Leaderboard,
    shown: Sequence[PromptRow],
    width: int,
    *,
    title: Text | None = None,
    racing: Collection[str] = (),
) -> Table:
    """Return the prompts `shown` as a table; those whose ids are in `racing` are marked."""
    columns = _fitting(shown, width)
    table = Table(
        title=title,
        title_justify="left",
        box=None,
        padding=(0, 1, 0, 0),
        pad_edge=False,
        width=width,
        header_style="dim",
    )
    for column in columns:
        left = column.title in {"", "how", "text", "prompt"}
        table.add_column(
            column.title,
            width=column.width or None,
            ratio=None if column.width else 1,
            no_wrap=True,
            overflow="ellipsis",
            justify="left" if left else "right",
        )
    best = board.best()
    for prompt in shown:
        cells = [_cell(column, board, prompt, racing) for column in columns]
        style = "bold" if prompt is best else "dim" if prompt.stopped_at is not None else ""
        table.add_row(*cells, style=style)
    return table


def evaluations(board: Leaderboard) -> str:
    """Return the number of examples that a stage has asked for, and the number that racing saved."""
    saved = f", {board.saved:,} saved by racing" if board.saved else ""
    return f"{board.evaluations:,} examples answered{saved}"


def _fitting(shown: Sequence[PromptRow], width: int) -> list[_Column]:
    columns = [column for column in _COLUMNS if _has_values(column, shown)]
    while sum(column.width + 1 for column in columns) + _MIN_TEXT > width:
        least = max(columns, key=lambda column: column.rank)
        if not least.rank:
            break
        columns.remove(least)
    return columns


def _has_values(column: _Column, shown: Sequence[PromptRow]) -> bool:
    """Return whether a column would hold anything; only held-out scores and intervals may be missing."""
    if column.title == "test":
        return any(prompt.final for prompt in shown)
    return not column.interval or any(prompt.interval(column.interval) for prompt in shown)


def _cell(column: _Column, board: Leaderboard, prompt: PromptRow, racing: Collection[str]) -> Text:
    if column.measure:
        return Text(number(prompt.measure(column.measure)))
    if column.interval:
        return Text(interval(prompt.interval(column.interval)), style="not bold dim")
    match column.title:
        case "prompt":
            return Text(one_line(prompt.candidate.id), style="not bold dim")
        case "how":
            return Text(one_line(prompt.candidate.operator), style="not bold dim")
        case "text":
            return Text(one_line(prompt.candidate.text))
        case "score":
            return Text(number(prompt.score, 3))
        case "test":
            return Text(number(prompt.final.composite if prompt.final else None, 3))
        case "n":
            return Text(str(prompt.n))
    return _marks(board, prompt, racing)


def interval(ends: tuple[float, float] | None) -> str:
    """Return an interval within [0, 1] in at most seven characters, such as ".42-.71"."""
    if ends is None:
        return ""
    low, high = (f"{min(max(end, 0.0), 1.0):.2f}" for end in ends)
    return "-".join("1.0" if end.startswith("1") else end[1:] for end in (low, high))


def _marks(board: Leaderboard, prompt: PromptRow, racing: Collection[str]) -> Text:
    best = "*" if prompt is board.best() else ""
    initial = "o" if prompt is board.best_initial() else ""
    promoted = "^" if prompt.promoted else ""
    text = best + initial + promoted
    if prompt.candidate.id in racing and not best:
        return Text(text + ">", style="not dim green")
    return Text(text + ("x" if prompt.stopped_at is not None and not best else ""))
