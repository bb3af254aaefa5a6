"""The configuration of a run: one TOML file, which is validated before the run starts."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)

from ...agents.models.registry import ModelSettings
from ...agents.scoring.constraints import Constraint
from ...agents.search.settings import SearchOptions, SearchSettings, StageSettings
from ...prompts.loading.folds import Fold
from ...prompts.loading.task_settings import TaskSettings
from ...prompts.program import ProgramSettings
from ...prompts.validation_errors import describe_errors
from ...storage.place import to_place
from ..errors import ConfigError
from . import defaults
from .budget_settings import BudgetSettings
from .role_settings import BUILT_IN, RoleSettings
from .toml_file import read_toml

_DROPPED_FROM_SEARCH = ("reading", "promote")
"""Search settings of old logs that exist no more.

`reading` was the version of the rules for replies, and `promote` the number of whole source prompts promoted.
"""
_BEFORE_IN_SEARCH: Mapping[str, Any] = {"objective": "composite", "prompt_characters": 2000}
"""Values of search settings in the logs that were written before these settings existed."""
RECORDED = {"recorded": True}
"""Validation context of a configuration in a log, where rules that came later do not hold."""


def _to_places(given: tuple[Path | str, ...]) -> tuple[Path | str, ...]:
    return tuple(map(to_place, given))


class SourceSettings(StageSettings):
    """The source stage and its tasks; without tasks the run begins with the target stage."""

    tasks: tuple[str, ...] = ()


class _TargetOptions(StageSettings):
    test_examples: int = Field(default=200, ge=2)
    """Number of held-out examples in the final comparison, unless a whole fold is held out."""
    fold: str | None = Field(default=None, exclude_if=lambda value: value is None)
    """Part of all rows that is held out, such as "2/5"; by default the test split of the task."""

    @field_validator("fold")
    @classmethod
    def _names_a_fold(cls, fold: str | None) -> str | None:
        return None if fold is None else str(Fold.parse(fold))


class TargetSettings(_TargetOptions):
    """The target stage and its task."""

    task: str


class TargetsSettings(_TargetOptions):
    """Several targets that share the source stage. Each has a stage of its own with these settings."""

    tasks: tuple[str, ...] = Field(min_length=2)
    each: dict[str, dict[str, Any]] = Field(default_factory=dict, exclude_if=lambda value: not value)
    """Task -> settings that hold for this target alone."""

    @model_validator(mode="after")
    def _are_valid(self) -> Self:
        if unknown := [name for name in self.each if name not in self.tasks]:
            raise ValueError(f"targets.each.{unknown[0]}: there is no such target in targets.tasks")
        self.separate()
        return self

    def separate(self) -> tuple[TargetSettings, ...]:
        """Return the settings of each target as those of the only one. Raise `ValueError` if invalid."""
        shared = self.model_dump(exclude={"tasks", "each"}, exclude_unset=True)
        return tuple(
            TargetSettings.model_validate({**shared, **self.each.get(name, {}), "task": name})
            for name in self.tasks
        )


class ModelsSettings(BaseModel):
    """The model of each role that asks one; further keys are names of [roles]."""

    model_config = ConfigDict(frozen=True, extra="allow")
    __pydantic_extra__: dict[str, ModelSettings]

    scorer: ModelSettings
    reference: ModelSettings
    judge: ModelSettings | None = None
    """Model of the metric "judge" and of [search.wording]."""


class Config(BaseModel):
    """A whole run. Data paths are relative to the folder of the file, `log` to the working directory."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    name: str = Field(default="run", pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,40}$")
    seed: int = 0
    log: Annotated[Path | str, AfterValidator(to_place)] = defaults.LOG
    source: SourceSettings = SourceSettings()
    target: TargetSettings | None = None
    targets: TargetsSettings | None = Field(default=None, exclude_if=lambda value: value is None)
    search: SearchOptions = SearchOptions()
    budget: BudgetSettings = BudgetSettings()
    experience: Annotated[tuple[Path | str, ...], AfterValidator(_to_places)] = Field(
        default=(), exclude_if=lambda value: not value
    )
    """Logs, runs and packs whose lessons the run begins with, relative to the working directory.

    One run of a log is written as "LOG#RUN".
    """
    reuse: bool = False
    """Whether replies that other runs of the same log have paid for are reused."""
    models: ModelsSettings
    roles: dict[str, RoleSettings] = Field(default_factory=dict)
    """Additional roles, by name."""
    tasks: dict[str, TaskSettings] = Field(default_factory=dict)
    functions: dict[str, str] = Field(default_factory=dict, exclude_if=lambda value: not value)
    """Metric functions of the tasks, "TASK.METRIC" -> "FILE.py:FUNCTION", filled in when a run begins."""
    programs: dict[str, ProgramSettings] = Field(default_factory=dict, exclude_if=lambda value: not value)
    """Programs of the tasks by the name of the task, filled in when a run begins."""

    @model_validator(mode="after")
    def _tasks_differ(self) -> Self:
        if (self.target is None) == (self.targets is None):
            raise ValueError("give either [target] with a task, or [targets] with several tasks")
        # The stages of several targets are named after the last part of a task's path.
        names = [Path(name).name if self.targets else name for name in self.tasks_in_use]
        if len(set(names)) < len(names):
            raise ValueError("a task is named twice in source.tasks and target.task or targets.tasks")
        return self

    @model_validator(mode="after")
    def _wording_judge_has_a_model(self) -> Self:
        if self.search.wording is not None and self.models.judge is None:
            raise ValueError("[search.wording] needs a model: describe it as [models.judge]")
        return self

    @model_validator(mode="after")
    def _roles_are_known(self) -> Self:
        if taken := [name for name in self.roles if name in BUILT_IN or not name.isidentifier()]:
            raise ValueError(f"[roles.{taken[0]}]: a role cannot have this name; choose another one")
        for name in self.models.__pydantic_extra__:
            if name not in self.roles:
                known = [*type(self.models).model_fields, *self.roles]
                raise ValueError(
                    f"[models.{name}]: there is no such role; known roles are {', '.join(known)}"
                )
        return self

    @model_validator(mode="after")
    def _cost_has_a_price(self) -> Self:
        limited = [Constraint.parse(text).measure for text in self.search.constraints]
        if "cost" in limited and self.models.scorer.price is None:
            raise ValueError(
                "a limit on cost needs a price: set [models.scorer.price] with input and output, per million "
                "tokens, or limit the tokens, as in brevity_prompt >= 0.8"
            )
        return self

    @model_validator(mode="after")
    def _money_has_prices(self) -> Self:
        free = ("smollm2", "transformers", "vllm", "ray", "human")
        used = {role: model for role, model in self.models if model}
        missing = [role for role, model in used.items() if model.price is None and model.provider not in free]
        if self.budget.money is not None and missing:
            raise ValueError(
                f"a budget of money needs prices: set [models.{missing[0]}.price] with input and output, "
                "per million tokens"
            )
        return self

    @property
    def all_targets(self) -> tuple[TargetSettings, ...]:
        """The settings of each target, of which there is mostly one."""
        if self.targets is not None:
            return self.targets.separate()
        assert self.target is not None
        return (self.target,)

    @property
    def only_target(self) -> TargetSettings:
        """The target of a run with one. Raise `ConfigError` if there are several."""
        if self.target is None:
            raise ConfigError("This needs a configuration with one target: write [target] with a task.")
        return self.target

    @property
    def tasks_in_use(self) -> tuple[str, ...]:
        """Names of the tasks of the sources and of the targets."""
        return (*self.source.tasks, *(target.task for target in self.all_targets))

    def changed(self, changes: dict[str, Any]) -> Self:
        """Return this configuration with `changes`. Raise `ConfigError` if they are invalid."""
        try:
            values = {name: getattr(self, name) for name in type(self).model_fields}
            return type(self).model_validate({**values, **changes})
        except ValidationError as error:
            raise invalid("The configuration with these options", error) from error

    def for_new_run(self) -> Self:
        """Return this configuration with the settings that follow from others, which a log then holds."""
        if "restart_with_seeds" in self.search.model_fields_set:
            return self
        search = self.search.model_copy(update={"restart_with_seeds": self.search.seed_prompts})
        return self.model_copy(update={"search": search})

    def search_settings(self) -> SearchSettings:
        """Return the settings that the agents receive."""
        source = StageSettings(**self.source.model_dump(exclude={"tasks"}))
        stages = {
            Path(target.task).name: StageSettings(
                **target.model_dump(exclude={"task", "test_examples", "fold"})
            )
            for target in self.all_targets
        }
        search = self.search.model_dump()
        scorer = self.models.scorer
        return SearchSettings(
            source=source,
            target=next(iter(stages.values())),
            targets=stages if self.targets else {},
            price=scorer.price,
            scorer_kind=scorer.kind,
            reference_kind=self.models.reference.kind,
            structured=scorer.takes_schema,
            **search,
        )


def recorded_config(written: Mapping[str, Any]) -> dict[str, Any]:
    """Return the configuration that a log holds, with the old values of settings that came after it.

    So a run goes on by the rules by which it began. Settings that have another name now have it.
    """
    search = written.get("search", {})
    if not isinstance(search, Mapping):
        return dict(written)  # It is damaged, and the validation says how.
    kept = {name: value for name, value in search.items() if name not in _DROPPED_FROM_SEARCH}
    return _with_wording({**written, "search": {**_BEFORE_IN_SEARCH, **kept}})


def _with_wording(written: dict[str, Any]) -> dict[str, Any]:
    """Return a configuration in which the judge of wordings has its present name.

    It was called `judge` in logs of version 0.1, in which nothing else asked the model of that name.
    """
    search = dict(written["search"])
    if "judge" not in search:
        return written
    search["wording"] = search.pop("judge")
    models = written.get("models")
    if search["wording"] is None and isinstance(models, Mapping):
        return {**written, "search": search, "models": {**models, "judge": None}}
    return {**written, "search": search}


def read_config(path: Path) -> Config:
    """Read a configuration. Raise `ConfigError` if the file is missing or invalid."""
    written = read_toml(path, f"There is no configuration {path}. `tp init` writes one to begin with.")
    try:
        return Config.model_validate(written, context={"folder": path.parent})
    except ValidationError as error:
        raise invalid(str(path), error) from error


def invalid(place: str, error: ValidationError) -> ConfigError:
    """Return the error for an invalid `Config`: one line for each fault, beginning with `place`."""
    hint = "`tp init` shows a complete configuration."
    return ConfigError(describe_errors(place, error, Config, hint=hint))
