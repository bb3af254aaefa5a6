"""The meaning of the words and marks on the screen: in one line below a table, or one by one."""

from rich.table import Table
from rich.text import Text

from ..projections.current_standing import current_leaderboard
from ..projections.leaderboard import Leaderboard
from ..projections.run_state import RunState
from .visible import one_line

_MARKS = {
    "*": "the best",
    "o": "the best of your own",
    "^": "taught by another task",
    ">": "racing",
    "x": "stopped early",
}


def marks_of(board: Leaderboard) -> str:
    """Return the marks that the prompts of a leaderboard can have, with their meaning, on one line."""
    taught = any(row.promoted for row in board.rows.values())
    return "   ".join(f"{mark} {meaning}" for mark, meaning in _MARKS.items() if taught or mark != "^")


def columns_of(board: Leaderboard) -> str:
    """Return the meaning of the columns whose titles do not say it, on one line."""
    parts = [f"{board.title}: the main metric, which decides"]
    if board.composite:
        parts = [f"{board.title}: the main metric", "score: the composite of several measures, which decides"]
    if any(row.final for row in board.rows.values()):
        parts.append("test: the same on held-out examples")
    return one_line("; ".join([*parts, "n: examples answered"]))


def explanation(view: RunState) -> list[Table]:
    """Return what the lines, columns and marks of the status panel mean, one below the other."""
    board = current_leaderboard(view)
    title = one_line(board.title) if board else "metric"
    grid = Table.grid(padding=(0, 2, 0, 0))
    for word, meaning in (
        ("* o", "the best prompt, and the best of your own"),
        ("> x", "still racing; stopped early, because it can hardly win any more"),
        ("^", "taught by another task or an earlier run"),
        (title, "the main metric on the n examples that a prompt has answered, from 0 to 1"),
        ("95 %", "the range in which its value on all such examples probably lies"),
        ("test", f"the {title} on held-out examples, which the search has never seen"),
        ("gain", "the best against the best of your own: what the search sees, not yet the verdict"),
        ("race", "prompts answer the same examples, more and more, until one is ahead"),
        ("slots", "calls that the models answer at the same time; the other calls are queued"),
        ("spent", "calls, tokens and money so far, and for how long the budget lasts"),
    ):
        grid.add_row(Text(word, "bold"), Text(meaning, no_wrap=True, overflow="ellipsis"))
    return [grid]
