"""The configuration of a run: one TOML file, checked before anything is done."""

import tomllib
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Self, get_args

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from ...agents.models.registry import ModelSettings
from ...agents.scoring.constraints import Constraint
from ...agents.search.settings import SearchOptions, SearchSettings, StageSettings
from ...prompts.loading.task_settings import TaskSettings
from ...storage.place import to_place
from ..errors import ConfigError
from . import defaults
from .budget_settings import BudgetSettings
from .role_settings import BUILT_IN, RoleSettings

_BEFORE_IN_SEARCH: Mapping[str, Any] = {"reading": 1}
"""Values of search settings in the logs that were written before these settings existed."""


class SourceSettings(StageSettings):
    """The source stage and the tasks it works on; without tasks the run goes straight to the target."""

    tasks: tuple[str, ...] = ()


class TargetSettings(StageSettings):
    """The target stage and its task."""

    task: str
    test_examples: int = Field(default=200, ge=2)
    """Held-out examples of the final comparison."""


class ModelsSettings(BaseModel):
    """The model of each role that asks one; further ones are those of the roles in [roles]."""

    model_config = ConfigDict(frozen=True, extra="allow")
    __pydantic_extra__: dict[str, ModelSettings]

    scorer: ModelSettings
    reference: ModelSettings
    judge: ModelSettings | None = None
    """Only asked where there is a [search.judge]."""


class Config(BaseModel):
    """A whole run. Paths of data are relative to the folder of the file, the log's to where one works."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(default="run", pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,40}$")
    seed: int = 0
    log: Annotated[Path | str, AfterValidator(to_place)] = defaults.LOG
    source: SourceSettings = SourceSettings()
    target: TargetSettings
    search: SearchOptions = SearchOptions()
    budget: BudgetSettings = BudgetSettings()
    reuse: bool = False
    """Whether a call that another run of the same log has paid for is answered from there."""
    models: ModelsSettings
    roles: dict[str, RoleSettings] = Field(default_factory=dict)
    """Roles besides those that are built in, by the name under which they take part."""
    tasks: dict[str, TaskSettings] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _tasks_differ(self) -> Self:
        names = (*self.source.tasks, self.target.task)
        if len(set(names)) < len(names):
            raise ValueError("a task is named twice among source.tasks and target.task")
        return self

    @model_validator(mode="after")
    def _judge_has_a_model(self) -> Self:
        if self.search.judge is not None and self.models.judge is None:
            raise ValueError("[search.judge] needs a model that judges: describe it as [models.judge]")
        return self

    @model_validator(mode="after")
    def _roles_do(self) -> Self:
        if taken := [name for name in self.roles if name in BUILT_IN or not name.isidentifier()]:
            raise ValueError(f"[roles.{taken[0]}]: a role cannot be called that, choose another name")
        for name in self.models.__pydantic_extra__:
            if name not in self.roles:
                known = [*type(self.models).model_fields, *self.roles]
                raise ValueError(f"[models.{name}]: there is no such role; known are {', '.join(known)}")
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
        free = ("smollm2", "transformers", "vllm", "human")
        judged = self.search.judge is not None
        used = {role: model for role, model in self.models if model and (judged or role != "judge")}
        missing = [role for role, model in used.items() if model.price is None and model.provider not in free]
        if self.budget.money is not None and missing:
            raise ValueError(
                f"a budget of money needs prices: set [models.{missing[0]}.price] with input and output, "
                "per million tokens"
            )
        return self

    def changed(self, changes: dict[str, Any]) -> Self:
        """This configuration with other values for some keys. Raises `ConfigError` where they do not do."""
        try:
            values = {name: getattr(self, name) for name in type(self).model_fields}
            return type(self).model_validate({**values, **changes})
        except ValidationError as error:
            raise ConfigError(explain("The configuration with the options given", error)) from error

    def search_settings(self) -> SearchSettings:
        """What the agents are told."""
        source = StageSettings(**self.source.model_dump(exclude={"tasks"}))
        target = StageSettings(**self.target.model_dump(exclude={"task", "test_examples"}))
        search = self.search.model_dump()
        return SearchSettings(source=source, target=target, price=self.models.scorer.price, **search)


def recorded_config(written: Mapping[str, Any]) -> dict[str, Any]:
    """Return the configuration that a log holds, with the old values of settings that came after it.

    So a run goes on by the rules by which it began.
    """
    search = written.get("search", {})
    if not isinstance(search, Mapping):
        return dict(written)  # It is damaged, and the validation says how.
    return {**written, "search": {**_BEFORE_IN_SEARCH, **search}}


def read_config(path: Path) -> Config:
    """Read and check a configuration. Raises `ConfigError` naming file, key, value and the mend."""
    try:
        written = tomllib.loads(path.read_text(encoding="utf-8"))
        return Config.model_validate(written, context={"folder": path.parent})
    except FileNotFoundError:
        raise ConfigError(f"There is no configuration {path}. `tp init` writes one to begin with.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} cannot be read: {error}.") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path} is not TOML: {error}.") from error
    except ValidationError as error:
        raise ConfigError(explain(str(path), error)) from error


def explain(path: str, error: ValidationError) -> str:
    """Every fault of a configuration, one a line: where, what was written, what is wanted."""
    return "\n".join(_fault(path, dict(fault)) for fault in error.errors())


def _fault(path: str, fault: dict[str, Any]) -> str:
    key = ".".join(str(part) for part in fault["loc"]) or "the whole"
    if fault["type"] == "missing":
        return f"{path}: {key} is missing. `tp init` shows a complete configuration."
    if fault["type"] == "extra_forbidden":
        return f"{path}: {key} = {fault['input']!r}: there is no such key.{_suggestion(fault['loc'])}"
    message = fault["msg"].removeprefix("Value error, ")
    written = "" if isinstance(fault["input"], dict) else f" = {fault['input']!r}"
    return f"{path}: {key}{written}: {message}."


def _suggestion(place: tuple[str | int, ...]) -> str:
    model: Any = Config
    for part in place[:-1]:
        field = getattr(model, "model_fields", {}).get(part)
        kinds = (field.annotation, *get_args(field.annotation)) if field else ()
        model = next((kind for kind in kinds if hasattr(kind, "model_fields")), None)
    known = list(getattr(model, "model_fields", {}))
    close = get_close_matches(str(place[-1]), known, n=1)
    if close:
        return f" Did you mean {close[0]}?"
    return f" Known keys here: {', '.join(known)}." if known else ""
