"""The result on the screen: the prompts of each stage with their score vectors, and the verdict."""

from dataclasses import dataclass

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.table import Table
from rich.text import Text

from ...agents.messages import RunFinished
from ...prompts.candidate import Candidate
from ..view import RunView
from .board import Board, PromptRow
from .words import harmless, number, one_line, row

TOP = 10
"""How many prompts of a stage are shown."""
_MARKS = "* best   o best initial prompt   ^ promoted   x stopped after n examples"
_TEXT = 24
"""A column less than this much of each prompt's text is dropped for it."""


@dataclass(frozen=True)
class _Column:
    title: str
    width: int
    rank: int
    """The higher, the sooner it is dropped where the screen is narrow; 0 stays."""
    measure: str = ""


_COLUMNS = (
    _Column("", 3, 0),
    _Column("prompt", 9, 0),
    _Column("how", 9, 6),
    _Column("score", 5, 0),
    _Column("test", 5, 1),
    _Column("acc", 4, 2, "accuracy"),
    _Column("ifr", 4, 4, "ifr"),
    _Column("1-ece", 5, 5, "one_minus_ece"),
    _Column("auroc", 5, 7, "auroc"),
    _Column("pr-p", 4, 8, "pr_p"),
    _Column("pr-n", 4, 9, "pr_n"),
    _Column("n", 4, 0),
)


def outcome(view: RunView) -> RenderableType:
    """Everything to print at the end: a table for each stage, what the marks mean, the verdict.

    It fits itself to the width it is printed at.
    """
    return _Outcome(view)


@dataclass(frozen=True)
class _Outcome:
    view: RunView

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        scored = [board for board in self.view.boards.values() if board.best()]
        for board in scored:
            yield prompt_table(board, options.max_width)
            yield row((evaluations(board), "dim"))
            yield Text()
        if scored:
            yield Text(_MARKS, style="dim")
            yield Text()
        yield from verdict(self.view)


def prompt_table(board: Board, width: int) -> Table:
    """The best prompts of one stage, for a screen of `width` columns."""
    ranked = board.ranked()
    shown = ranked[:TOP]
    initial = board.best_initial()
    if initial is not None and initial not in shown:
        shown.append(initial)
    columns = _fitting(width, tested=any(prompt.final for prompt in shown))
    tasks = one_line(", ".join(board.tasks))
    title = row(f"{board.stage} stage ({tasks}): {len(shown)} of {len(ranked)} scored prompts")
    table = Table(title=title, title_justify="left", box=None, padding=(0, 1, 0, 0), width=width)
    for column in columns:
        left = column.title in {"", "prompt", "how"}
        table.add_column(
            column.title,
            width=column.width,
            no_wrap=True,
            overflow="ellipsis",
            justify="left" if left else "right",
        )
    table.add_column("text", ratio=1, no_wrap=True, overflow="ellipsis")
    for prompt in shown:
        cells = [Text(_cell(column, board, prompt)) for column in columns]
        style = "bold" if prompt is ranked[0] else ""
        table.add_row(*cells, Text(one_line(prompt.candidate.text)), style=style)
    return table


def evaluations(board: Board) -> str:
    """What the scores of a stage have cost, and what the races have saved, in words."""
    saved = f", {board.saved:,} saved by racing" if board.saved else ""
    return f"{board.evaluations:,} examples answered{saved}"


def verdict(view: RunView) -> list[RenderableType]:
    """The end of the run in words, and the whole text of the prompt to use."""
    parts: list[RenderableType] = []
    if view.verdict is not None:
        parts.append(Text(f"Verdict: {one_line(view.verdict)}", style="bold"))
    elif view.error is not None:
        parts.append(Text(f"Stopped: {one_line(view.error)}", style="bold red"))
    if view.finished and view.finished.control:
        parts += _against_control(view.finished, view.finished.control)
    best = view.winner
    if best is not None:
        so_far = "" if view.outcome == "finished" else " so far"
        parts.append(Text(f"Best prompt{so_far}: {best.id} ({one_line(best.operator)})"))
        # Neither framed nor indented, so that it can be copied from the screen.
        parts += [Text(), Text(harmless(best.text))]
    return parts


def _against_control(finished: RunFinished, control: Candidate) -> list[RenderableType]:
    """The best prompt minus that of the control, measure by measure."""
    same = " (the same prompt)" if control == finished.best else ""
    return [
        row(f"Control: {control.id}{same} {one_line(control.text)}"),
        *(
            row(
                f"  {c.measure}: {c.best:.3f} against {c.other:.3f}, {c.difference:+.3f}, "
                f"95 % interval {c.low:+.3f} to {c.high:+.3f}"
            )
            for c in finished.against_control
        ),
    ]


def _fitting(width: int, *, tested: bool) -> list[_Column]:
    columns = [column for column in _COLUMNS if tested or column.title != "test"]
    while sum(column.width + 1 for column in columns) + _TEXT > width:
        least = max(columns, key=lambda column: column.rank)
        if not least.rank:
            break
        columns.remove(least)
    return columns


def _cell(column: _Column, board: Board, prompt: PromptRow) -> str:
    if column.measure:
        return number(prompt.measure(column.measure))
    match column.title:
        case "prompt":
            return prompt.candidate.id
        case "how":
            return one_line(prompt.candidate.operator)
        case "score":
            return number(board.score_of(prompt), 3)
        case "test":
            return number(prompt.final.composite if prompt.final else None, 3)
        case "n":
            return str(prompt.n)
    return _marks(board, prompt)


def _marks(board: Board, prompt: PromptRow) -> str:
    best = "*" if prompt is board.best() else ""
    initial = "o" if prompt is board.best_initial() else ""
    promoted = "^" if prompt.promoted else ""
    return best + initial + promoted + ("x" if prompt.stopped_at is not None and not best else "")
