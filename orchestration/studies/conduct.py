"""Conduct a study: submit the cells that are missing, and judge by their logs what has become of them."""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ...agents.messages.base import plural
from ...storage.errors import LogDamaged, TailMissing
from ...storage.log import EventLog
from ...storage.opening import remove_log
from ...storage.place import shown
from ..errors import StudyStopped
from ..experience.gathering import of_run
from ..lineage.import_run import merge
from .budget import StudyGate
from .cell import Cell
from .executors.base import Executor
from .job import CellJob, JobEnd, at_place
from .logs import REMEDY, CellState, CellStatus, StudyLogs
from .plan import StudyPlan

_LOSSES = 3
"""Times that a worker may be lost in a row without a further reply in the log of its cell."""
_FAILURES = 3
"""Cells that may fail without one that succeeds between them, before the study stops."""
_PAUSE, _LONGEST_PAUSE = 0.5, 60.0
"""Seconds before a cell is submitted again whose log another process writes; they double each time."""
_POLL = 0.5
"""Seconds between two looks at the logs while nothing ends."""


@dataclass(slots=True)
class Progress:
    """What is going on, for a display. What the cells under way have come to is in their logs."""

    ended: dict[str, CellStatus] = field(default_factory=dict)
    """Name of the run -> status, for cells with nothing left to do."""
    running: dict[str, Cell] = field(default_factory=dict)
    """Cells that are submitted, by the name of their run."""
    failed: dict[str, str] = field(default_factory=dict)
    """Name of the run -> error, for cells that have failed since the command began."""
    unaffordable: list[Cell] = field(default_factory=list)
    """Cells whose budget does not fit into what is left."""


class Conductor:
    """Carries out one study. Use once: `await conduct()`."""

    def __init__(
        self,
        plan: StudyPlan,
        logs: StudyLogs,
        executor: Executor,
        watch: Callable[[Progress], None],
        *,
        accept_unreadable: bool = False,
    ) -> None:
        self._plan, self._logs, self._executor, self._watch = plan, logs, executor, watch
        self._accept_unreadable = accept_unreadable
        self._gate = StudyGate(plan.settings.budget)
        self._waiting: list[Cell] = []
        self._work: dict[asyncio.Task[JobEnd], Cell] = {}
        self._busy: Counter[str] = Counter()
        """Times that another process was writing a run: another command, or a worker about to end."""
        self._lost: Counter[str] = Counter()
        self._seen: dict[str, int] = {}
        """Name of the run -> replies in its log when its worker was lost."""
        self._failures_in_a_row = 0
        self.progress = Progress()

    async def conduct(self) -> None:
        """Carry out all cells that have not ended.

        A cell whose worker is lost is submitted again, and goes on where its log ends. Raise `StudyStopped`
        if cells are left: because they have failed, or because of the budget.
        """
        log = await self._opened()
        try:
            async with self._executor:
                try:
                    await self._carry_out_all(log)
                finally:
                    await _cancel(self._work)
        finally:
            if log is not None:
                await log.close()
        self._watch(self.progress)
        self._check_complete()

    async def _carry_out_all(self, log: EventLog | None) -> None:
        await self._settle(log)
        while True:
            self._submit()
            self._watch(self.progress)
            if not self._work:
                return
            await self._collect(log)

    async def _settle(self, log: EventLog | None) -> None:
        """Take stock of what earlier commands have left."""
        for cell in self._plan.runs:
            state = self._logs.state(cell)
            if state.ended:
                await self._end(cell, state, log)
            else:
                self._gate.settle(cell, state)
                self._waiting.append(cell)

    def _submit(self) -> None:
        """Submit waiting cells in order, as many as there are slots, if their time has come."""
        self.progress.unaffordable = []
        if self._failures_in_a_row >= _FAILURES:
            return
        for cell in list(self._waiting):
            if len(self._work) >= self._executor.slots:
                return
            if any(self.progress.ended.get(run) != "finished" for run in cell.earlier):
                continue
            if not self._gate.admit(cell):
                self.progress.unaffordable.append(cell)
                continue
            self._waiting.remove(cell)
            self.progress.running[cell.run] = cell
            self._work[asyncio.ensure_future(self._carry_out(cell))] = cell

    async def _carry_out(self, cell: Cell) -> JobEnd:
        if times := self._busy[cell.run]:
            await asyncio.sleep(min(_LONGEST_PAUSE, _PAUSE * 2 ** (times - 1)))
        return await self._executor.carry_out(self._job(cell))

    def _job(self, cell: Cell) -> CellJob:
        log, place = at_place(self._logs.log), at_place(self._logs.place_of(cell.run))
        return CellJob(
            run=cell.run,
            config=cell.config.model_dump(
                mode="json", exclude={"log", "experience", "functions", "programs"}
            ),
            earlier=cell.earlier,
            experience=tuple(of_run(log, run) for run in cell.earlier),
            folder=self._plan.folder.absolute(),
            log=place,
            further=log if cell.config.reuse and place != log else None,
            accept_unreadable=self._accept_unreadable,
        )

    async def _collect(self, log: EventLog | None) -> None:
        """Wait until a cell ends, or until it is time for another look at the logs."""
        done, _ = await asyncio.wait(self._work, timeout=_POLL, return_when=asyncio.FIRST_COMPLETED)
        for work in done:
            cell = self._work.pop(work)
            del self.progress.running[cell.run]
            await self._judge(cell, work.result(), log)

    async def _judge(self, cell: Cell, end: JobEnd, log: EventLog | None) -> None:
        """Decide by its log what happens to a cell whose work has ended."""
        state = self._logs.state(cell)
        if state.ended:
            await self._end(cell, state, log)
            self._failures_in_a_row = 0
            return
        self._gate.settle(cell, state)
        if end.how == "busy":
            self._busy[cell.run] += 1
            self._waiting.append(cell)
        elif end.how == "lost" and self._may_go_on(cell):
            self._waiting.insert(0, cell)
        else:
            self.progress.failed[cell.run] = end.error or state.error or "the run has stopped"
            self._failures_in_a_row += 1

    def _may_go_on(self, cell: Cell) -> bool:
        """Return whether to submit a cell again whose worker is lost: not if the last ones did nothing.

        A cell that kills its worker each time, for want of memory perhaps, must come to an end.
        """
        replies = self._logs.replies(cell)
        self._lost[cell.run] = self._lost[cell.run] + 1 if replies == self._seen.get(cell.run) else 1
        self._seen[cell.run] = replies
        return self._lost[cell.run] < _LOSSES

    async def _end(self, cell: Cell, state: CellState, log: EventLog | None) -> None:
        """Count a run that has ended, and merge it into the log of the study."""
        self._gate.settle(cell, state)
        try:
            await self._merge(cell, log)
        except (LogDamaged, TailMissing) as error:
            place = self._logs.place_of(cell.run)
            self.progress.failed[cell.run] = f"{shown(place)}: {error} {REMEDY}"
        else:
            self.progress.ended[cell.run] = state.status

    async def _merge(self, cell: Cell, log: EventLog | None) -> None:
        """Import the run of a cell from its own file, which is then removed."""
        place = self._logs.place_of(cell.run)
        if log is None or not isinstance(place, Path) or not place.exists():
            return
        await merge(place, cell.run, log)
        remove_log(place)
        self._logs.forget(cell)

    async def _opened(self) -> EventLog | None:
        """Open the log for writing if runs are merged into it, which one command at a time may do."""
        place = self._logs.log
        if not isinstance(place, Path):
            return None
        return await EventLog.open(place, keys=any(cell.config.reuse for cell in self._plan.runs))

    def _check_complete(self) -> None:
        """Raise `StudyStopped` if cells are left."""
        failed, ended = self.progress.failed, self.progress.ended
        left = [cell for cell in self._plan.runs if cell.run not in ended]
        if not left:
            return
        if failed:
            raise StudyStopped(_failed_text(self._plan.runs, failed, len(left)))
        if self.progress.unaffordable:
            raise StudyStopped(
                f"The budget of the study does not allow another run: {len(left)} of {len(self._plan.runs)} "
                "runs are not made. Raise [budget], and continue with `tp study resume`."
            )
        needed = {run for cell in left for run in cell.earlier if ended.get(run) != "finished"}
        names = "; ".join(str(cell.label) for cell in self._plan.runs if cell.run in needed)
        raise StudyStopped(
            f"{plural(len(left), 'run')} cannot begin for want of the lessons of runs without a result: "
            f"{names}. `tp study show` says why."
        )


def _failed_text(cells: Sequence[Cell], failed: dict[str, str], left: int) -> str:
    labels = {cell.run: str(cell.label) for cell in cells}
    lines = [f"  {labels[run]}: {error}" for run, error in list(failed.items())[:_FAILURES]]
    more = f"\n  and {len(failed) - _FAILURES} more" if len(failed) > _FAILURES else ""
    return (
        f"The study is not finished: {plural(len(failed), 'failed run')}, {left} of {len(cells)} to do.\n"
        + "\n".join(lines)
        + f"{more}\nNothing is lost: `tp study resume` continues it."
    )


async def _cancel(work: dict[asyncio.Task[JobEnd], Cell]) -> None:
    for task in work:
        task.cancel()
    await asyncio.gather(*work, return_exceptions=True)
