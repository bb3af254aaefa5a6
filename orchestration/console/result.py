"""The result on the screen: the leaderboard of each stage, and the verdict."""

from dataclasses import dataclass

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.text import Text

from ...agents.messages import RunFinished
from ...prompts.candidate import Candidate
from ..projections.run_state import RunState
from .formatting import harmless, one_line, row
from .table import MARKS, evaluations, prompt_table

_FRONT = (
    "Pareto front: no other prompt beats these in every measure that has a weight. tp best RUN --by MEASURE "
    "prints the one that leads in a measure; tp show RUN PROMPT shows all measures of one."
)


def outcome(view: RunState) -> RenderableType:
    """Everything to print at the end: a table for each stage, what the marks mean, the verdict.

    It fits itself to the width it is printed at.
    """
    return _Outcome(view)


@dataclass(frozen=True)
class _Outcome:
    view: RunState

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        scored = [board for board in self.view.boards.values() if board.best()]
        for board in scored:
            yield prompt_table(board, options.max_width)
            yield row((evaluations(board), "dim"))
            if len(board.front) > 1:
                yield Text(f"Pareto front: {', '.join(board.front)}", style="dim")
            yield Text()
        if scored:
            yield Text(MARKS, style="dim")
            if any(len(board.front) > 1 for board in scored):
                yield Text(_FRONT, style="dim")
            yield Text()
        yield from verdict(self.view)


def verdict(view: RunState) -> list[RenderableType]:
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
