"""Build the agents, models and opening messages of a run from its configuration."""

import secrets
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import get_args

from ...agents.call_events import PROGRAMS
from ...agents.grading.functions import FUNCTIONS
from ...agents.messages import Message, Moment, RunStarted, Stage, TaskLoaded
from ...agents.models.base import Model, ModelError
from ...agents.models.metric_functions import MetricFunctionModel
from ...agents.models.registry import ModelSettings, build_model
from ...agents.programs.model import ProgramModel
from ...agents.roles.base import Role
from ...agents.roles.curator import Curator
from ...agents.roles.reference import Reference
from ...agents.roles.reviewer import Reviewer
from ...agents.roles.scorer import Scorer
from ...agents.roles.wording_judge import WordingJudge
from ...agents.search.measure_names import check_measures
from ...agents.search.settings import SearchSettings
from ...agents.stage_names import is_kind, stage_name, stage_target
from ...prompts.errors import TaskError
from ...prompts.loading.folds import Fold
from ...prompts.loading.summary import remarks
from ...prompts.loading.task_loader import LoadedTask, bundled_tasks, load_with_notes, read_task_file
from ...prompts.loading.task_settings import TaskSettings
from ...prompts.program import ProgramSettings
from ...prompts.task import Split, Task
from ...storage.place import Place
from ..budget.tracker import Terms
from ..calls.model_pool import ModelPool, PooledModel
from ..config.functions import placed
from ..config.role_settings import RoleSettings
from ..config.settings import Config
from ..errors import ConfigError
from ..experience.gathering import load_experience
from .agent_runtime import AgentHost
from .function_loader import load_functions
from .judge_checks import check_judges
from .own_parts import NO_PARTS, OwnParts
from .program_loader import load_program, load_programs, texts_of
from .role_loader import LoadedRole, load_roles, role_versions
from .shortfalls import shortfalls

_MOST_EXEMPLARS = 50
"""Number of training examples that a run may use as exemplars."""
ROLES: Sequence[type[Role]] = (Curator, Reference, Scorer)
_OWN_SLOTS = 8
"""Slots of a model that a role brings along, such as its tools."""
_REMOTE = ("openai", "autogen", "dspy")
"""Providers whose replies have a timeout."""
_REPORTED = ("transfer-prompting", "autogen-core", "pydantic", "torch", "transformers")


async def host_for(
    settings: SearchSettings, plugins: Mapping[str, RoleSettings] = {}, host: AgentHost | None = None
) -> AgentHost:
    """Return a host with the agents of a run, each subscribed to the kinds that its handlers accept.

    Raises `ConfigError` if one of `plugins` cannot be found or used.
    """
    host = host or AgentHost()
    loaded = load_roles(plugins)
    settings = settings.model_copy(update={"reviewers": reviewers(loaded)})
    roles: Sequence[type[Role]] = (*ROLES, WordingJudge) if settings.wording else ROLES
    for role in roles:
        await host.register_factory(role.name, lambda role=role: role(settings))  # type: ignore[misc]
        for subscription in role.subscriptions():
            await host.add_subscription(subscription)
    for plugin in loaded:
        await host.register_factory(plugin.name, plugin.make)
        for subscription in plugin.cls.subscriptions(plugin.name):
            await host.add_subscription(subscription)
    return host


def reviewers(roles: Sequence[LoadedRole]) -> dict[Moment, tuple[str, ...]]:
    """Return the reviewers of each moment, in the order of the configuration."""
    candidates = [role for role in roles if issubclass(role.cls, Reviewer)]
    return {
        moment: tuple(role.name for role in candidates if moment in role.cls.reviews)  # type: ignore[attr-defined]
        for moment in get_args(Moment)
    }


def models_for(config: Config, own: OwnParts = NO_PARTS) -> ModelPool:
    """Build the models of the roles; roles with the same settings share one model.

    Those of `own` are taken as they are.

    Raises `ConfigError` if a model cannot be built, or if a role asks one that is not configured.
    """
    built: dict[ModelSettings, PooledModel] = {}
    pooled: dict[str, PooledModel] = {}
    for role, settings in config.models:
        if settings is None:
            continue
        if role in own.models:
            pooled[role] = _pooled(own.models[role], settings)
            continue
        if settings not in built:
            built[settings] = pooled_model(role, settings)
        pooled[role] = built[settings]
    for plugin in load_roles(config.roles):
        if plugin.cls.asks_model() and plugin.name not in pooled:
            raise ConfigError(f"roles.{plugin.name} asks a model: describe it as [models.{plugin.name}].")
        brought = plugin.cls.own_models(plugin.name, plugin.settings)
        pooled |= {name: PooledModel(model, _OWN_SLOTS) for name, model in brought.items()}
    if config.functions:
        functions = own.functions or load_functions(config.functions)
        pooled[FUNCTIONS] = PooledModel(MetricFunctionModel(functions), _OWN_SLOTS)
    if config.programs:
        # As many executions as the scorer has slots: more would wait with their work half done.
        slots = pooled["scorer"].slots
        asked = {role: one.model.identity for role, one in pooled.items() if role != FUNCTIONS}
        programs = own.programs or load_programs(config.programs)
        pooled[PROGRAMS] = PooledModel(ProgramModel(programs, asked), slots)
    return ModelPool(pooled)


def model_for(config: Config, role: str) -> PooledModel:
    """Build the model of one role. Raise `ConfigError` if it is not configured or cannot be built."""
    configured = {name: settings for name, settings in config.models if settings is not None}
    if role not in configured:
        raise ConfigError(f"there is no [models.{role}]; configured are {', '.join(configured)}.")
    return pooled_model(role, configured[role])


def pooled_model(role: str, settings: ModelSettings) -> PooledModel:
    """Return the model of one role. Raises `ConfigError` if it cannot be built."""
    try:
        model = build_model(settings)
    except (ModelError, ValueError) as error:
        raise ConfigError(f"models.{role}: {error}") from error
    return _pooled(model, settings)


def _pooled(model: Model, settings: ModelSettings) -> PooledModel:
    timeout = settings.timeout if settings.provider in _REMOTE else 0.0
    return PooledModel(model, settings.slots, settings.price, timeout)


def terms_for(
    config: Config,
    others: Sequence[str] | None = (),
    *,
    further: Place | None = None,
    accept_unreadable: bool = False,
) -> Terms:
    """Return the terms of a run.

    `others` are the runs whose replies it may use, None for all of its log. If it reuses replies, it may use
    those of a `further` log, too.
    """
    if config.reuse:
        others = None
    else:
        further = None
    return Terms(config.budget, config.search_settings(), others, further, accept_unreadable)


def opening(
    config: Config, folder: Path, pool: ModelPool, say: Callable[[str], None] | None = None
) -> list[Message]:
    """Return the user's opening messages: the configuration, experience, then each task with examples.

    `say` is called with each remark on the data, such as the number of rows that are left out. Raises
    `ConfigError` for an unknown task, `TaskError` for unusable data.
    """
    targets = config.all_targets
    found: list[tuple[str, Stage, LoadedTask]] = []
    short = list[str]()
    for name in config.source.tasks:
        data = load_named(config, folder, name, "source", _limits(config.source.examples, 0))
        found.append((name, "source", data))
        short += shortfalls(data.task, config.source)
    for target in targets:
        fold = Fold.parse(target.fold) if target.fold else None
        limits = _limits(target.examples, sys.maxsize if fold else target.test_examples)
        data = load_named(config, folder, target.task, "target", limits, fold)
        found.append((target.task, stage_name("target", data.task.name if config.targets else ""), data))
        short += shortfalls(data.task, target)
    check_names(config, [data.task for _, _, data in found])
    check_judges(config, [data.task for _, _, data in found], pool, say)
    loaded = []
    for name, stage, data in found:
        check_answerable(config, data.task, pool)
        loaded.append(TaskLoaded(task=data.task, stage=stage, origin=name, digest=data.task.digest()))
        if say is not None:
            for remark in remarks(data):
                say(remark)
    if say is not None:
        for remark in short:
            say(remark)
    started = RunStarted(
        name=config.name,
        seed=config.seed,
        config=config.model_dump(mode="json", exclude={"log", "experience"}),
        source_tasks=config.source.tasks,
        target_tasks=tuple(one.task for one in targets),
        models=pool.identities,
        versions=versions() | role_versions(config.roles),
    )
    experience = [
        load_experience(config.experience, one.task, pool.identities["scorer"], say, stage_target(one.stage))
        for one in loaded
        if config.experience and is_kind(one.stage, "target")
    ]
    return [started, *experience, *loaded]


def new_run_name(config: Config) -> str:
    """Return the configuration's name with its fold, if it names one, and four random hexadecimal digits."""
    fold = f"-{config.target.fold.replace('/', 'of')}" if config.target and config.target.fold else ""
    return f"{config.name}{fold}-{secrets.token_hex(2)}"


def versions() -> dict[str, str]:
    """Return the versions of the installed packages that influence a run."""
    found = {}
    for package in _REPORTED:
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return found


def find_task(
    tasks: Mapping[str, TaskSettings], folder: Path, name: str, place: str
) -> tuple[TaskSettings, Path]:
    """Return the settings of a task and the folder of its files.

    The task is one of `tasks`, one that comes with the package, or a folder in `folder` with a task.toml.
    Raises `ConfigError` for an unknown task; `place` says where it is named.
    """
    bundled = bundled_tasks()
    if name in tasks:
        return tasks[name], folder
    if name in bundled:
        return read_task_file(bundled[name]), bundled[name]
    if (folder / name / "task.toml").is_file():
        return read_task_file(folder / name), folder / name
    known = ", ".join([*tasks, *bundled])
    raise ConfigError(
        f"{place}: there is no task {name!r}. Describe it as [tasks.{name}], name a folder that holds a "
        f"task.toml, or choose one of: {known}."
    )


def _limits(dev: int, test: int) -> Mapping[Split, int]:
    return {"train": _MOST_EXEMPLARS, "dev": dev, "test": test}


def load_named(
    config: Config,
    folder: Path,
    name: str,
    place: str,
    limits: Mapping[Split, int],
    fold: Fold | None = None,
) -> LoadedTask:
    """Load the task that a configuration in `folder` knows by `name`, with so many rows of each split.

    With a `fold`, all rows are pooled, and that part of them is the test split. Raise `ConfigError` for
    an unknown task, `TaskError` if its data cannot be used; `place` says where it is named.
    """
    settings, source = find_task(config.tasks, folder, name, place)
    if settings.program and not settings.prompts:
        settings = with_own_texts(name, settings, settings.program, source)
    return load_with_notes(Path(name).name, settings, source, limits, config.seed, fold)


def with_own_texts(name: str, settings: TaskSettings, program: ProgramSettings, folder: Path) -> TaskSettings:
    """Return the settings of a task with the texts that its program brings along."""
    texts = texts_of(name, load_program(name, placed(program, folder)).program)
    return TaskSettings.model_validate({**settings.model_dump(exclude_unset=True), "texts": texts})


def check_names(config: Config, tasks: Sequence[Task]) -> None:
    """Raise `ConfigError` if a constraint or a weight names no measure of the `tasks`."""
    try:
        check_measures(config.search, tasks)
    except ValueError as error:
        raise ConfigError(f"{error}.") from error


def check_answerable(config: Config, task: Task, pool: ModelPool) -> None:
    """Check before any call that `task` can be answered in the way that `search.answer` names.

    Raises `TaskError` if the answers have no options, `ConfigError` if the scorer's model gives no
    likelihoods.
    """
    answer, scorer = config.search.answer, pool["scorer"].model
    if task.program and answer != "stated":
        raise ConfigError(
            f'task {task.name} has a program, whose output is no rated option: set search.answer = "stated".'
        )
    if answer == "both" and task.answer.type in ("label", "letter") and not scorer.rates_options:
        raise ConfigError(
            'search.answer = "both" needs a model that gives the likelihood of options in addition to a '
            f'generated answer, and {scorer.identity} does not. Set search.answer = "stated".'
        )
    if answer != "likelihood":
        return
    if task.answer.type not in ("label", "letter"):
        raise TaskError(
            f"task {task.name}: answers of type {task.answer.type!r} have no options whose likelihood "
            'could be compared. Set search.answer = "stated".'
        )
    if not scorer.scores_options:
        raise ConfigError(
            'search.answer = "likelihood" needs a model that gives the likelihood of options, and '
            f'{scorer.identity} does not. Set search.answer = "stated".'
        )
