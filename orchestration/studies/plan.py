"""The plan of a study: all of its runs, before any is made."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from ...prompts.loading.task_loader import EVERY_ROW
from ...prompts.validation_errors import describe_errors
from ..config.settings import Config
from ..errors import ConfigError
from ..runtime.assembly import load_named
from .arms import with_arm
from .cell import Cell, Label, name_of
from .data_digest import TaskDigests
from .settings import StudySettings, StudyTarget, read_study


@dataclass(frozen=True, slots=True)
class StudyPlan:
    """A study with all of its runs."""

    path: Path
    settings: StudySettings
    cells: tuple[Cell, ...]
    """Runs of the table, seed by seed."""
    earlier: tuple[Cell, ...]
    """Further runs, whose lessons some of the cells begin with."""

    @property
    def folder(self) -> Path:
        """Folder of the description, in which task files are looked for."""
        return self.path.parent

    @property
    def runs(self) -> tuple[Cell, ...]:
        """All runs, seed by seed. Those that a run begins with come just before it, or earlier."""
        named = {cell.run: cell for cell in (*self.earlier, *self.cells)}
        order = dict.fromkeys(run for cell in self.cells for run in (*cell.earlier, cell.run))
        return tuple(named[run] for run in order)


def plan_study(path: Path) -> StudyPlan:
    """Read a study and name its runs. Raise `ConfigError` if it, or the settings of a run, are invalid."""
    return _Planner(path, read_study(path)).plan()


def check_data(plan: StudyPlan) -> None:
    """Load every task once, so that no fault in the data shows after a run.

    Raise `TaskError` if the data of a task cannot be used.
    """
    seen = set()
    for cell in plan.runs:
        for name in cell.config.tasks_in_use:
            if name not in seen:
                seen.add(name)
                load_named(cell.config, plan.folder, name, str(cell.label), EVERY_ROW)


class _Planner:
    """Makes the cells of one study; data that several cells share are read once."""

    def __init__(self, path: Path, settings: StudySettings) -> None:
        self._path, self._settings = path, settings
        self._digests = TaskDigests()
        self._searched: dict[Label, Cell] = {}
        """Searches from scratch on source tasks."""

    def plan(self) -> StudyPlan:
        """Return the plan."""
        earlier: dict[str, Cell] = {}
        cells = []
        for label in self._labels():
            target = self._settings.targets[label.target]
            sources = target.sources if label.arm == "experience" else ()
            before = [self._earlier(label, source) for source in sources]
            cells.append(self._cell(label, target, tuple(one.run for one in before)))
            earlier |= {one.run: one for one in before}
        own = {cell.run for cell in cells}
        further = tuple(cell for run, cell in earlier.items() if run not in own)
        return StudyPlan(self._path, self._settings, tuple(cells), further)

    def _labels(self) -> Iterator[Label]:
        """Yield the places of the table. Seeds come first, so that the table fills evenly."""
        study = self._settings
        names = study.settings or ("",)
        for seed, target, model, setting, arm in product(
            study.seeds, study.targets, study.models, names, study.arms
        ):
            yield Label(target, model, arm, seed, setting)

    def _earlier(self, label: Label, source: str) -> Cell:
        """Return the search from scratch on a source task, which may be a target of the study, too."""
        named = {target.task or name: name for name, target in self._settings.targets.items()}
        target = self._settings.targets.get(named.get(source, ""), StudyTarget(task=source))
        earlier = replace(label, target=named.get(source, source), arm="from scratch")
        if earlier not in self._searched:
            self._searched[earlier] = self._cell(earlier, target, ())
        return self._searched[earlier]

    def _cell(self, label: Label, target: StudyTarget, earlier: tuple[str, ...]) -> Cell:
        try:
            config = self._config(label, target)
            name = name_of(config, self._path.parent, earlier, self._digests)
        except ConfigError as error:
            raise ConfigError(f"{self._path}, {label}: {error}") from error
        return Cell(label, config.changed({"name": name}), name, earlier)

    def _config(self, label: Label, target: StudyTarget) -> Config:
        study, task = self._settings, target.task or label.target
        shared = merged(study.run, target.run, study.settings.get(label.setting, {}))
        settings = with_arm(shared, label.arm, target.sources)
        sources = settings["source"].get("tasks", ())
        written = {
            **settings,
            "seed": label.seed,
            "target": {**settings.get("target", {}), "task": task},
            "models": roles_of(study.models[label.model]),
            "tasks": {name: own for name, own in study.tasks.items() if name in (task, *sources)},
        }
        try:
            config = Config.model_validate(written, context={"folder": self._path.parent})
        except ValidationError as error:
            raise ConfigError(describe_errors("run", error, Config)) from error
        return config.for_new_run()


def roles_of(written: Mapping[str, Any]) -> dict[str, Any]:
    """Return the models of the roles; the settings of one model stand for the scorer and the reference."""
    if "provider" in written:
        return {"scorer": written, "reference": written}
    scorer = {"reference": written["scorer"]} if "scorer" in written else {}
    return {**scorer, **written}


def merged(*settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return nested tables of settings as one; later values replace earlier ones."""
    found: dict[str, Any] = {}
    for one in settings:
        for key, value in one.items():
            before = found.get(key)
            if isinstance(before, dict) and isinstance(value, dict):
                value = merged(before, value)
            found[key] = value
    return found
