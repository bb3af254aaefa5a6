"""The progress of all runs of a study on one screen."""

from collections import Counter
from collections.abc import Collection, Iterable
from types import TracebackType
from typing import Self

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from ..studies.cell import Cell
from ..studies.conduct import Progress
from ..studies.logs import StudyLogs
from ..studies.plan import StudyPlan
from .formatting import number, row
from .visible import one_line

_MOST_LINES = 8
"""Runs under way, and failed ones, that have a line of their own."""


class StudyPanel:
    """A grid of models and targets with the numbers of runs that have ended, above the runs under way."""

    def __init__(self, plan: StudyPlan, logs: StudyLogs, console: Console) -> None:
        self._plan, self._logs = plan, logs
        self._live = Live(console=console, auto_refresh=False, transient=True)

    def show(self, progress: Progress) -> None:
        """Draw the present state."""
        self._live.update(study_panel(self._plan, self._logs, progress), refresh=True)

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.stop()


def study_panel(plan: StudyPlan, logs: StudyLogs, progress: Progress) -> RenderableType:
    """Return the panel."""
    ended = progress.ended
    bar = ProgressBar(total=len(plan.runs), completed=len(ended), width=30)
    head = Table.grid(padding=(0, 1))
    head.add_row(
        Text(one_line(plan.settings.name), "bold"),
        bar,
        f"{len(ended)} of {len(plan.runs)} runs, {len(progress.running)} under way, "
        f"{len(progress.failed)} failed",
    )
    lines = [_running(cell, logs) for cell in list(progress.running.values())[:_MOST_LINES]]
    return Group(head, _grid(plan, ended, progress), *lines, *_failed(plan, progress))


def _grid(plan: StudyPlan, ended: Collection[str], progress: Progress) -> Table:
    """Return one row for each model and setting, and one column for each target."""
    counts: dict[tuple[str, str, str], Counter[str]] = {}
    for cell in plan.cells:
        label = cell.label
        count = counts.setdefault((label.model, label.setting, label.target), Counter())
        count["all"] += 1
        count["ended"] += cell.run in ended
        count["running"] += cell.run in progress.running
        count["failed"] += cell.run in progress.failed
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("")
    for target in plan.settings.targets:
        table.add_column(Text(one_line(target)), justify="right", overflow="ellipsis", no_wrap=True)
    for model, setting in dict.fromkeys((model, setting) for model, setting, _ in counts):
        name = " / ".join(one_line(part) for part in (model, setting) if part)
        cells = (counts[model, setting, target] for target in plan.settings.targets)
        table.add_row(Text(name), *map(_count, cells))
    return table


def _count(count: Counter[str]) -> Text:
    style = "green" if count["ended"] == count["all"] else "red" if count["failed"] else ""
    running = f" +{count['running']}" if count["running"] else ""
    return Text.assemble((f"{count['ended']}/{count['all']}", style), (running, "cyan"))


def _running(cell: Cell, logs: StudyLogs) -> Text:
    state = logs.state(cell)
    stage = f"{state.stage} stage, best {number(state.score, 3)}" if state.stage else "begins"
    done = f"{state.evaluations:,} examples, {state.tokens:,} tokens"
    return row(("> ", "cyan"), f"{cell.label}: {stage}, {done}")


def _failed(plan: StudyPlan, progress: Progress) -> Iterable[Text]:
    labels = {cell.run: cell.label for cell in plan.runs}
    for run, error in list(progress.failed.items())[-_MOST_LINES:]:
        yield row(("failed ", "red"), f"{labels[run]}: {one_line(error)}")
