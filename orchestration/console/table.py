"""The leaderboard: the prompts of a stage with their score vectors, as wide as the screen allows."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from rich.table import Table
from rich.text import Text

from ..projections.leaderboard import Leaderboard, PromptRow
from .formatting import number, one_line, row

TOP = 10
"""How many prompts of a stage are shown."""
MARKS = "* best   o best initial prompt   ^ promoted   x stopped after n examples"
_TEXT = 24
"""A column less than this much of each prompt's text is dropped for it."""


@dataclass(frozen=True)
class _Column:
    title: str
    width: int
    rank: int
    """The higher, the sooner it is dropped where the screen is narrow; 0 stays."""
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
    """The best prompts of one stage, for a screen of `width` columns."""
    ranked = board.ranked()
    shown = with_initial(board, ranked[:TOP])
    tasks = one_line(", ".join(board.tasks))
    title = row(f"{board.stage} stage ({tasks}): {len(shown)} of {len(ranked)} scored prompts")
    return leaderboard(board, shown, width, title=title)


def with_initial(board: Leaderboard, shown: Sequence[PromptRow]) -> list[PromptRow]:
    """`shown` and, where it is not among them, the best of the user's own prompts."""
    initial = board.best_initial()
    return [*shown, initial] if initial is not None and initial not in shown else [*shown]


def leaderboard(
    board: Leaderboard,
    shown: Sequence[PromptRow],
    width: int,
    *,
    title: Text | None = None,
    racing: Collection[str] = (),
) -> Table:
    """The prompts `shown` as a table; those whose ids are in `racing` bear a mark."""
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
    """What the scores of a stage have cost, and what the races have saved, in words."""
    saved = f", {board.saved:,} saved by racing" if board.saved else ""
    return f"{board.evaluations:,} examples answered{saved}"


def _fitting(shown: Sequence[PromptRow], width: int) -> list[_Column]:
    columns = [column for column in _COLUMNS if _known(column, shown)]
    while sum(column.width + 1 for column in columns) + _TEXT > width:
        least = max(columns, key=lambda column: column.rank)
        if not least.rank:
            break
        columns.remove(least)
    return columns


def _known(column: _Column, shown: Sequence[PromptRow]) -> bool:
    """Whether a column would hold anything; of the measures only the intervals may be missing altogether."""
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
            return Text(prompt.candidate.id, style="not bold dim")
        case "how":
            return Text(one_line(prompt.candidate.operator), style="not bold dim")
        case "text":
            return Text(one_line(prompt.candidate.text))
        case "score":
            return Text(number(board.score_of(prompt), 3))
        case "test":
            return Text(number(prompt.final.composite if prompt.final else None, 3))
        case "n":
            return Text(str(prompt.n))
    return _marks(board, prompt, racing)


def interval(ends: tuple[float, float] | None) -> str:
    """An interval within [0, 1] in seven characters, such as ".42-.71"."""
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
