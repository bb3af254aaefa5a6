"""The meaning of the words and marks on the screen: in one line below a table, or one by one."""

from collections.abc import Collection

from rich.text import Text

from ..projections.current_standing import current_leaderboard
from ..projections.leaderboard import Leaderboard
from ..projections.run_state import RunState
from .formatting import row
from .visible import one_line

MARKS = {
    "*": "best",
    "o": "your best",
    "^": "taught by other tasks",
    ">": "racing",
    "x": "stopped early",
}
COLUMNS = {
    "test": "the same on held-out examples",
    "ifr": "share of replies in the demanded form",
    "1-ece": "how well the stated confidences fit",
    "auroc": "how well they tell right answers from wrong ones",
    "n": "examples answered",
}


def marks_of(board: Leaderboard) -> str:
    """Return the marks that the prompts of a leaderboard can have, with their meaning, on one line."""
    taught = _is_taught(board)
    return "   ".join(f"{mark} {meaning}" for mark, meaning in MARKS.items() if taught or mark != "^")


def _is_taught(board: Leaderboard | None) -> bool:
    return board is not None and any(prompt.promoted for prompt in board.rows.values())


def columns_of(board: Leaderboard, titles: Collection[str]) -> str:
    """Return the meaning of the columns of a table whose `titles` do not say it, on one line."""
    parts = [f"{board.title}: the main metric, which decides"]
    if board.composite:
        parts = [f"{board.title}: the main metric", "score: the composite of several measures, which decides"]
    parts += [f"{title}: {meaning}" for title, meaning in COLUMNS.items() if title in titles]
    return one_line("; ".join(parts))


def explanation(view: RunState) -> list[Text]:
    """Return what the lines, columns and marks of the status panel mean, a line for each."""
    board = current_leaderboard(view)
    title = one_line(board.title) if board else "metric"
    meanings = [
        ("* o", "the best prompt, and the best of your own"),
        ("> x", "still racing; stopped early, because it can hardly win any more"),
        *([("^", "taught by another task or by an earlier run")] if _is_taught(board) else []),
        (title, "the main metric, on the n examples that a prompt has answered"),
        ("95 %", "where its true value lies, with a probability of 95 %"),
        ("test", "the same on held-out examples, which the search has never seen"),
        ("gain", "what the search sees: only the verdict rests on held-out examples"),
        ("race", "prompts answer the same examples until one of them is ahead"),
        ("slots", "calls that the models answer at a time; further calls are queued"),
        ("spent", "calls, tokens and money so far, and for how long the budget lasts"),
    ]
    aligned = max(len(word) for word, _ in meanings) + 2
    return [row((f"{word:<{aligned}}", "bold"), meaning) for word, meaning in meanings]
