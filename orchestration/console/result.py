"""The result on the screen: the leaderboard of each stage, and the verdict."""

from dataclasses import dataclass
from datetime import timedelta

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.text import Text

from ...agents.messages import RunFinished
from ...prompts.candidate import Candidate
from ...storage.hints import command
from ..projections.current_standing import scored_leaderboards
from ..projections.cut_replies import cut_warnings
from ..projections.final_table import final_table
from ..projections.run_state import RunState
from .final_table import basis_of, draw_final_table
from .formatting import row
from .legend import columns_of, marks_of
from .table import evaluations, prompt_table
from .visible import harmless, one_line

_FRONT = ". None of these is beaten in all measures; tp best RUN --by MEASURE prints the leader in one."


def outcome(view: RunState) -> RenderableType:
    """Return a table for each stage, the meaning of the marks, and the verdict.

    The result adapts to the width at which it is printed.
    """
    return _Outcome(view)


@dataclass(frozen=True)
class _Outcome:
    view: RunState

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        boards = scored_leaderboards(self.view)
        for board in boards:
            shown = prompt_table(board, options.max_width)
            yield shown
            yield row((evaluations(board), "dim"))
            if len(board.front) > 1:
                front = one_line(", ".join(board.front))
                yield Text(f"Pareto front: {front}{_FRONT}", "dim")
            yield Text()
        if boards:
            yield Text(marks_of(boards[-1]), style="dim")
            titles = [str(column.header) for column in shown.columns]
            yield Text(columns_of(boards[-1], titles), style="dim")
            yield Text()
        if (table := final_table(self.view)) is not None:
            yield draw_final_table(table, options.max_width)
            yield Text(f"{basis_of(table, options.max_width)} {took(self.view)}", style="dim")
            yield Text()
        yield from verdict(self.view)


def verdict(view: RunState) -> list[RenderableType]:
    """Return the verdict or the error, the comparison with the control, transfers, and the prompt to use.

    Warnings follow if many replies were cut off, and if right answers were doubted.
    """
    parts: list[RenderableType] = []
    if view.verdict is not None:
        parts.append(Text(f"Verdict: {one_line(view.verdict)}", style="bold"))
        if view.no_result is not None:
            parts.append(Text(f"This run has no result. {view.no_result}", style="bold red"))
        parts += _of_targets(view)
    elif view.error is not None:
        parts.append(Text(f"Stopped: {one_line(view.error)}", style="bold red"))
    if view.finished and view.finished.control:
        parts += _against_control(view.finished, view.finished.control)
    parts += [Text(f"Transfer: {one_line(str(one))}") for one in view.transfers.decided]
    best = view.winner
    if best is not None:
        parts += _to_use(view.finished, best)
        # Without frame or indentation, so that it can be copied from the screen.
        parts += [Text(), Text(harmless(best.text))]
    for warning in cut_warnings(view):
        parts += [Text(), Text(one_line(warning), style="yellow")]
    if view.doubted:
        parts += [Text(), Text(_doubted(view), style="yellow")]
    return parts


def took(view: RunState) -> str:
    """Return what the run has taken in one sentence."""
    spending = view.spending
    money = f", {spending.total.money:,.4f} in money" if spending.priced else ""
    time = timedelta(seconds=int(view.elapsed))
    tokens = spending.prompt_tokens + spending.completion_tokens
    return f"The run took {view.calls.finished:,} calls, {tokens:,} tokens{money} and {time}."


def _to_use(finished: RunFinished | None, best: Candidate) -> list[RenderableType]:
    """Return a line that names the best prompt, after one on which prompt to use if no gain was shown."""
    named = f"{one_line(best.id)} ({one_line(best.operator)})"
    if finished is None:
        return [Text(f"Best prompt so far: {named}")]
    if finished.improved:
        return [Text(f"Best prompt: {named}")]
    if finished.initial.id == best.id:
        return [Text(f"Keep your own prompt: {named}")]
    return [
        Text(f"Keep your own prompt, {one_line(finished.initial.id)}: no other was shown to be better."),
        Text(f"Best prompt of the search: {named}"),
    ]


def _of_targets(view: RunState) -> list[RenderableType]:
    """Return the verdict on each of several targets, and the command that prints its prompt."""
    parts: list[RenderableType] = []
    for target, found in view.reached.items():
        prompt = command("best", view.run, options=["--target", target])
        parts += [
            Text(f"  {one_line(target)}: {one_line(found.verdict)}"),
            Text(f"    {prompt}", style="dim"),
        ]
    return parts


def _doubted(view: RunState) -> str:
    """Return how many right answers look wrong, and the command that lists them."""
    count = len(view.doubted)
    look = "1 gold looks wrong" if count == 1 else f"{count} golds look wrong"
    return f"{look} to the model that writes the prompts: {command('audit', view.run)} lists them."


def _against_control(finished: RunFinished, control: Candidate) -> list[RenderableType]:
    """Return the differences between the best prompt and the control's, measure by measure."""
    same = " (the same prompt)" if control == finished.best else ""
    return [
        row(f"Control: {control.id}{same} {one_line(control.text)}"),
        *(
            row(
                f"  {c.title}: {c.best:.3f} against {c.other:.3f}, {c.difference:+.3f}, "
                f"95 % interval {c.low:+.3f} to {c.high:+.3f}"
            )
            for c in finished.against_control
        ),
    ]
