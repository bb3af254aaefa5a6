"""What is served: the runs of a log, and studies with the logs of their runs.

Every method opens a reader of its own, so each may be called from any thread. Nothing is ever written.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from ...storage.errors import LogEmpty, LogNotFound, UnknownRun
from ...storage.opening import open_reader
from ...storage.place import Place, shown
from ...storage.reader import Reader, RunSummary
from ..projections.experience.document import ExperienceDocument, document
from ..projections.experience.fold import read_experience
from ..projections.history import RunHistory, read_history
from ..projections.listed_runs import ListedRun, listed_run
from ..projections.target_view import for_target, targets_of
from ..report.side_by_side import SideBySide, side_by_side
from ..studies.document import StudyTable
from ..studies.logs import StudyLogs
from ..studies.plan import StudyPlan, plan_study
from ..studies.table import study_table
from .histories import Histories


@dataclass(frozen=True, slots=True)
class ServedStudy:
    """A study with the logs of its runs."""

    plan: StudyPlan
    logs: StudyLogs

    @classmethod
    def read(cls, file: Path) -> "ServedStudy":
        """Read the description of a study. Raise `ConfigError` if it is invalid."""
        plan = plan_study(file)
        return cls(plan, StudyLogs(plan.settings.place))

    @property
    def name(self) -> str:
        """The name of the study."""
        return self.plan.settings.name

    def table(self) -> StudyTable:
        """Return the table of the study as it is now."""
        return study_table(self.plan, {cell.run: self.logs.state(cell) for cell in self.plan.runs})

    def places_of(self, run: str) -> tuple[Place, ...]:
        """Return the logs that can hold a run of the study; () if it is none of its runs."""
        known = any(cell.run == run for cell in self.plan.runs)
        return (self.logs.log, self.logs.place_of(run)) if known else ()


class Library:
    """A log and studies, as they are at the moment of each question."""

    def __init__(self, place: Place, studies: Sequence[ServedStudy] = ()) -> None:
        self.place = place
        self.studies: Mapping[str, ServedStudy] = {one.name: one for one in studies}
        self._histories = Histories()
        self._listed: dict[RunSummary, ListedRun] = {}
        self._lock = Lock()
        """Guards the list of runs and the states of studies."""

    @property
    def shown(self) -> str:
        """The place of the log for people, without a password."""
        return shown(self.place)

    def runs(self) -> list[ListedRun]:
        """Return the runs of the log, the newest first; none before there is a log."""
        try:
            reader = open_reader(self.place)
        except (LogNotFound, LogEmpty):
            return []
        with reader, self._lock:
            # What has not changed is not read again: the page of a long log asks every few seconds.
            before = self._listed
            self._listed = {s: before.get(s) or listed_run(reader, s) for s in reader.runs()}
            return list(reversed(self._listed.values()))

    @contextmanager
    def reader(self, run: str) -> Iterator[Reader]:
        """Yield a reader of the log that holds a run. Raise `UnknownRun` if none does."""
        with open_reader(self._place_of(run)) as reader:
            yield reader

    def targets(self, run: str) -> tuple[str, ...]:
        """Return the names of the targets of a run that has several; () if it has one."""
        with self.reader(run) as reader:
            return targets_of(reader, run)

    @contextmanager
    def history(self, run: str, target: str | None) -> Iterator[tuple[RunHistory, Reader]]:
        """Yield the history of a run, which stays as it is within the block, and its reader."""
        with self.reader(run) as whole:
            reader = for_target(whole, run, target)
            with self._histories.up_to_date(reader, run, target) as history:
                yield history, reader

    def side_by_side(self, runs: Sequence[str], target: str | None) -> SideBySide:
        """Return several runs side by side; runs with one target need no choice of it."""
        found = []
        for run in runs:
            with self.reader(run) as whole:
                chosen = target if targets_of(whole, run) else None
                found.append(read_history(for_target(whole, run, chosen), run))
        return side_by_side(found)

    def experience(self) -> ExperienceDocument:
        """Return what the runs of the log have taught."""
        with open_reader(self.place) as reader:
            return document(read_experience([reader]))

    def study(self, name: str) -> StudyTable:
        """Return the table of a study. Raise `UnknownRun` if there is none of that name."""
        if name not in self.studies:
            raise UnknownRun(f"No study {name!r} is served. Name its file with --study.")
        with self._lock:
            return self.studies[name].table()

    def _place_of(self, run: str) -> Place:
        of_studies = (place for one in self.studies.values() for place in one.places_of(run))
        for place in dict.fromkeys((self.place, *of_studies)):
            try:
                with open_reader(place) as reader:
                    if reader.last(run) is not None:
                        return place
            except (LogNotFound, LogEmpty):
                continue
        raise UnknownRun(f"There is no run {run!r} in {self.shown}.")
