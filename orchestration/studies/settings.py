"""The description of a study: one TOML file, `study.toml`."""

from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from ...prompts.validation_errors import describe_errors
from ...storage.place import Place, to_place
from ..config.toml_file import read_toml
from ..errors import ConfigError
from .arms import NEED_SOURCES, Arm

Label = Annotated[str, Field(pattern=r"^[^\x00-\x1f\x7f]{1,60}$")]
_OWN = {
    "name": "the runs are named by their content",
    "seed": "list the seeds as `seeds`",
    "log": "set `log` of the study",
    "experience": 'choose the arm "experience"',
    "models": "describe them as [models.NAME]",
    "tasks": "describe them as [tasks.NAME]",
    "targets": "describe them as [targets.NAME]",
}
"""Settings of a run that the study decides -> where they are said."""
_HINT = "docs/studies.md shows a complete study."


class _Table(BaseModel):
    # Errors do not quote what was written: a key may have been put into the wrong place.
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class StudyTarget(_Table):
    """A target task with the source tasks of its domain."""

    task: str | None = None
    """Name of the task; by default that of the table."""
    sources: tuple[str, ...] = ()
    run: dict[str, Any] = Field(default_factory=dict)
    """Settings of the runs on this target alone."""


class StudyBudget(_Table):
    """Limits of what all cells may use together; each needs the same limit on a single run."""

    tokens: int | None = Field(default=None, ge=1)
    money: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = None
    calls: int | None = Field(default=None, ge=1)

    @property
    def limits(self) -> dict[str, float]:
        """The limits that are set."""
        return {name: value for name, value in self if value is not None}


class ExecutorSettings(_Table):
    """Where the cells are carried out. It has no influence on their results, nor on their names."""

    kind: Literal["processes", "ray", "slurm"] = "processes"
    workers: int | None = Field(default=None, ge=1)
    """Greatest number of runs at a time. By default 2 processes, what fits into Ray, or 100 jobs of Slurm."""
    cpus: float = Field(default=1.0, gt=0, allow_inf_nan=False)
    """Cores that a run asks of Ray or Slurm."""
    gpus: float = Field(default=0.0, ge=0, allow_inf_nan=False)
    """GPUs that a run asks of Ray or Slurm."""
    address: str | None = None
    """For `ray`: address of the cluster; by default Ray is started on this computer."""
    cluster: Literal["slurm", "local"] | None = None
    """For `slurm`: "local" takes processes of this computer instead, to try a study out."""
    minutes: int = Field(default=240, ge=1)
    """For `slurm`: time limit of a job. A run that is cut off goes on in another job."""
    folder: Path | None = None
    """For `slurm`: folder that all nodes share, for what the jobs print; by default beside the log."""
    parameters: dict[str, Any] = Field(default_factory=dict)
    """For `slurm`: further parameters of submitit, such as `slurm_partition`."""

    @model_validator(mode="after")
    def _keys_fit(self) -> Self:
        own = {"ray": ("address",), "slurm": ("cluster", "minutes", "folder", "parameters")}
        for kind, keys in own.items():
            if wrong := [key for key in keys if key in self.model_fields_set and self.kind != kind]:
                raise ValueError(f'executor.{wrong[0]} is for kind = "{kind}" only: leave it out')
        return self


class StudySettings(_Table):
    """A study. Data paths are relative to the folder of the file, `log` to the working directory."""

    name: str = Field(default="study", pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,40}$")
    log: Annotated[Path | str, AfterValidator(to_place)] | None = None
    """By default NAME.db."""
    seeds: tuple[int, ...] = Field(min_length=1)
    arms: tuple[Arm, ...] = Field(min_length=1)
    targets: dict[Label, StudyTarget] = Field(min_length=1)
    models: dict[Label, dict[str, Any]] = Field(min_length=1)
    """Name -> models of the roles, or the settings of one model that all roles ask."""
    settings: dict[Label, dict[str, Any]] = Field(default_factory=dict)
    """Name -> settings of a run, each of which is tried; without any, the runs have those of `run`."""
    run: dict[str, Any] = Field(default_factory=dict)
    """Settings that all runs share, as in the configuration of a run."""
    tasks: dict[str, Any] = Field(default_factory=dict)
    budget: StudyBudget = StudyBudget()
    executor: ExecutorSettings = ExecutorSettings()

    @property
    def place(self) -> Place:
        """Place of the log."""
        return self.log or Path(f"{self.name}.db")

    @model_validator(mode="after")
    def _values_differ(self) -> Self:
        for name in ("seeds", "arms"):
            values = getattr(self, name)
            if twice := [value for value in values if values.count(value) > 1]:
                raise ValueError(f"{name} lists {twice[0]!r} twice")
        return self

    @model_validator(mode="after")
    def _sources_are_named(self) -> Self:
        needing = [arm for arm in self.arms if arm in NEED_SOURCES]
        for name, target in self.targets.items():
            if needing and not target.sources:
                raise ValueError(f'[targets.{name}] needs `sources` for the arm "{needing[0]}"')
            if len(set(target.sources)) < len(target.sources) or (target.task or name) in target.sources:
                raise ValueError(f"[targets.{name}] names a task twice in `sources` and `task`")
        return self

    @model_validator(mode="after")
    def _settings_are_of_a_run(self) -> Self:
        given = [("run", self.run), *((f"settings.{name}", one) for name, one in self.settings.items())]
        given += [(f"targets.{name}.run", one.run) for name, one in self.targets.items()]
        for place, settings in given:
            for key, remedy in _OWN.items():
                if key in settings:
                    raise ValueError(f"{place}.{key}: the study decides this: {remedy}")
            tables = {
                name: _table(settings, name, place) for name in ("source", "target", "search", "budget")
            }
            for stage, key in (("source", "tasks"), ("target", "task")):
                if key in tables[stage]:
                    raise ValueError(f"{place}.{stage}.{key}: name the tasks as [targets.NAME]")
        return self

    @model_validator(mode="after")
    def _runs_have_limits(self) -> Self:
        for limit in self.budget.limits:
            if limit not in self.run.get("budget", {}):
                raise ValueError(
                    f"budget.{limit} limits all runs together, so a single run needs a limit, too: set "
                    f"run.budget.{limit}"
                )
        return self


def _table(settings: dict[str, Any], name: str, place: str) -> dict[str, Any]:
    found = settings.get(name, {})
    if not isinstance(found, dict):
        raise ValueError(f"{place}.{name} must be a table")
    return found


def read_study(path: Path) -> StudySettings:
    """Read the description of a study. Raise `ConfigError` if the file is missing or invalid."""
    written = read_toml(path, f"There is no study {path}. {_HINT}")
    try:
        return StudySettings.model_validate(written)
    except ValidationError as error:
        raise ConfigError(describe_errors(str(path), error, StudySettings, hint=_HINT)) from error
