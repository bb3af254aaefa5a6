"""The leaderboard: the prompts of a stage with their score vectors, as wide as the screen allows."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal

from rich.table import Table
from rich.text import Text

from ...agents.scoring.objective import MAIN
from ...prompts.named_texts import join_texts, split_texts
from ..projections.current_standing import top_prompts
from ..projections.leaderboard import Leaderboard, PromptRow
from .formatting import number, row
from .how_made import how_made
from .visible import one_line

TOP = 10
"""Number of prompts shown for each stage."""
_MIN_TEXT = 24
"""Width that each prompt's text gets at least: columns are dropped until it fits."""
_HOW, _HOW_TEXT = 11, 20
"""Widths of the operator, alone and with the text that it has changed."""
_TITLE = 14
"""Width to which the title of a metric is cut."""


@dataclass(frozen=True)
class _Column:
    title: str
    width: int
    rank: int
    """Columns of higher rank are dropped first on a narrow screen; those of rank 0 stay."""
    kind: Literal["", "main", "score", "test", "n", "how", "text", "prompt", "measure", "interval"] = ""
    measure: str = ""


def _columns(board: Leaderboard) -> list[_Column]:
    """Return the columns of a stage: first the main metric, then the score if it is a composite."""
    main = board.title[:_TITLE]
    further = [name[:_TITLE] for name in board.further]
    return [
        _Column("", 3, 0),
        _Column(main, max(5, len(main)), 0, "main"),
        *([_Column("score", 5, 1, "score")] if board.composite else []),
        _Column("test", 5, 1, "test"),
        _Column("95 %", 7, 5, "interval", MAIN),
        *(_Column(t, max(4, len(t)), 3, "measure", n) for t, n in zip(further, board.further, strict=True)),
        _Column("ifr", 4, 4, "measure", "ifr"),
        _Column("95 %", 7, 11, "interval", "ifr"),
        _Column("1-ece", 5, 6, "measure", "one_minus_ece"),
        _Column("95 %", 7, 12, "interval", "one_minus_ece"),
        _Column("auroc", 5, 8, "measure", "auroc"),
        _Column("95 %", 7, 13, "interval", "auroc"),
        _Column("pr-p", 4, 9, "measure", "pr_p"),
        _Column("pr-n", 4, 10, "measure", "pr_n"),
        _Column("n", 4, 0, "n"),
        _Column("how", _HOW_TEXT if board.texts else _HOW, 7, "how"),
        _Column("text", 0, 0, "text"),
        _Column("prompt", 9, 0, "prompt"),
    ]


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
    columns = _fitting(board, shown, width)
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
        left = column.kind in ("", "how", "text", "prompt")
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


def _fitting(board: Leaderboard, shown: Sequence[PromptRow], width: int) -> list[_Column]:
    columns = [column for column in _columns(board) if _has_values(column, shown)]
    while sum(column.width + 1 for column in columns) + _MIN_TEXT > width:
        least = max(columns, key=lambda column: column.rank)
        if not least.rank:
            break
        columns.remove(least)
    return columns


def _has_values(column: _Column, shown: Sequence[PromptRow]) -> bool:
    """Return whether a column would hold anything."""
    match column.kind:
        case "test":
            return any(prompt.final for prompt in shown)
        case "interval":
            return any(prompt.interval(column.measure) for prompt in shown)
        case "measure":
            return any(prompt.measure(column.measure) is not None for prompt in shown)
    return True


def _cell(column: _Column, board: Leaderboard, prompt: PromptRow, racing: Collection[str]) -> Text:
    match column.kind:
        case "measure":
            return Text(number(prompt.measure(column.measure)))
        case "interval":
            return Text(interval(prompt.interval(column.measure)), style="not bold dim")
        case "prompt":
            return Text(one_line(prompt.candidate.id), style="not bold dim")
        case "how":
            return Text(how_made(prompt.candidate.operator, prompt.changed), style="not bold dim")
        case "text":
            return Text(one_line(_words(board, prompt)))
        case "main":
            return Text(number(board.main(prompt), 3))
        case "score":
            return Text(number(prompt.score, 3))
        case "test":
            return Text(number(board.tested(prompt), 3))
        case "n":
            return Text(str(prompt.n))
    return _marks(board, prompt, racing)


def _words(board: Leaderboard, prompt: PromptRow) -> str:
    """Return the text of a prompt; of several texts only those that were changed."""
    texts = split_texts(prompt.candidate.text, board.texts) if prompt.changed else None
    return join_texts({name: texts[name] for name in prompt.changed}) if texts else prompt.candidate.text


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
