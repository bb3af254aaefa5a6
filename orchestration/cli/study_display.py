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
        yield StudyLines(plan, logs, lambda line: screen.print(line, soft_wrap=True)).show


class StudyLines:
    """A line for each run that begins or ends."""

    def __init__(self, plan: StudyPlan, logs: StudyLogs, say: Callable[[str], None]) -> None:
        self._plan, self._logs, self._say = plan, logs, say
        self._running: set[str] = set()
        self._started = False

    def show(self, progress: Progress) -> None:
        """Print what has changed since the last call."""
        if not self._started:
            self._started = True
            ended = sum(self._logs.state(cell).ended for cell in self._plan.runs)
            self._say(f"{len(self._plan.runs)} runs, {ended} of which are in the log.")
        cells = {cell.run: cell for cell in self._plan.runs}
        for run in self._running - set(progress.running):
            state = self._logs.state(cells[run])
            error = progress.failed.get(run) or state.error
            self._say(f"{state.status}: {cells[run].label} ({run})" + (f": {error}" if error else ""))
        for run in set(progress.running) - self._running:
            self._say(f"begins: {cells[run].label} ({run})")
        self._running = set(progress.running)
