"""Showing all runs of a study while it is carried out."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from ..console.display import can_move
from ..console.study_panel import StudyPanel
from ..studies.conduct import Progress
from ..studies.logs import StudyLogs
from ..studies.plan import StudyPlan
from .screen import open_screen


@contextmanager
def shown(plan: StudyPlan, logs: StudyLogs, mode: str) -> Iterator[Callable[[Progress], None]]:
    """Yield what is called with the progress of a study, and shows it on standard error."""
    screen = open_screen(stderr=True)
    if mode == "none":
        yield lambda _progress: None
    elif mode == "live" or (mode == "auto" and can_move(screen)):
        with StudyPanel(plan, logs, screen) as panel:
            yield panel.show
    else:
        yield StudyLines(plan, lambda line: screen.print(line, soft_wrap=True)).show


class StudyLines:
    """A line for each run that begins or ends."""

    def __init__(self, plan: StudyPlan, say: Callable[[str], None]) -> None:
        self._plan, self._say = plan, say
        self._labels = {cell.run: cell.label for cell in plan.runs}
        self._running: set[str] = set()
        self._started = False

    def show(self, progress: Progress) -> None:
        """Print what has changed since the last call."""
        if not self._started:
            self._started = True
            done = len(progress.ended)
            self._say(f"{len(self._plan.runs)} runs, {done} of which are in the log.")
        for run in self._running - progress.running.keys():
            status = progress.ended.get(run) or ("failed" if run in progress.failed else "cut off")
            error = f": {progress.failed[run]}" if run in progress.failed else ""
            self._say(f"{status}: {self._labels[run]} ({run}){error}")
        for run in progress.running.keys() - self._running:
            self._say(f"begins: {self._labels[run]} ({run})")
        self._running = set(progress.running)
