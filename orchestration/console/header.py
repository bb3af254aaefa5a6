"""The region at the bottom of a live screen: where the run stands, in at most nine lines."""

from datetime import timedelta

from rich.console import Group, RenderableType
from rich.progress_bar import ProgressBar
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from ..view import RunView
from .board import Board, PromptRow
from .words import number, one_line, row

TOP = 5


def header(view: RunView, width: int, height: int, silence: float = 0.0) -> Group:
    """The region for a terminal of `width` x `height`; it takes at most half of the lines.

    `silence` is the time since the last event in seconds. The result holds nothing of `view`, so it can
    be drawn while the view goes on changing.
    """
    parts: list[RenderableType] = [
        Rule(style="dim"),
        _where(view, silence),
        _calls(view),
        _bar(view, width),
    ]
    board = view.board
    if board is not None:
        parts += [_prompt(board, prompt) for prompt in board.ranked()[:TOP]]
    return Group(*parts[: max(3, height // 2)])


def phase(view: RunView) -> str:
    """What is going on, in words."""
    if view.stage is None:
        return "loading the tasks"
    if view.progress.key is not None and view.progress.key[2] == "final":
        return "final comparison"
    if not view.step:
        return f"{view.stage} stage, starting prompts"
    # The control goes on for as many steps as its evaluations last.
    of = "" if view.stage == "control" else f"/{view.steps}"
    return f"{view.stage} stage, step {view.step}{of}"


def _where(view: RunView, silence: float) -> Text:
    seconds = view.elapsed + (silence if view.outcome == "running" else 0.0)
    style = {"finished": "bold green", "failed": "bold red"}.get(view.outcome, "")
    return row(
        (one_line(view.name)[:24], "bold"),
        f"  {phase(view)}  best ",
        (number(view.best_score, 3), "bold"),
        "  ",
        (view.outcome, style),
        f"  {timedelta(seconds=int(seconds))}",
    )


def _calls(view: RunView) -> Text:
    calls = view.calls
    return row(
        f"calls {calls.finished:,} done, {calls.in_flight:,} in flight, ",
        (f"{calls.failed:,} failed", "bold red" if calls.failed else ""),
        f"  tokens {calls.prompt_tokens:,} in, {calls.completion_tokens:,} out",
    )


def _bar(view: RunView, width: int) -> RenderableType:
    done, expected = view.progress.finished, view.progress.expected
    if not expected:
        return row(("waiting for new prompts" if view.step else "waiting", "dim"))
    count = f"{done:,}/{expected:,} examples"
    room = width - len(count) - 1
    if room < 8:
        return row(count)
    grid = Table.grid(padding=(0, 1, 0, 0))
    grid.add_row(ProgressBar(total=expected, completed=done, width=room), Text(count, no_wrap=True))
    return grid


def _prompt(board: Board, prompt: PromptRow) -> Text:
    candidate = prompt.candidate
    n = f"n={prompt.n}" if prompt.stopped_at is None else f"stopped at {prompt.stopped_at}"
    return row(
        (f"  {number(board.score_of(prompt), 3)} ", "bold"),
        f"acc {number(prompt.measure('accuracy'))}  {candidate.id} ",
        (f"{one_line(candidate.operator):<9} {n:<5} ", "dim"),
        one_line(candidate.text),
    )
