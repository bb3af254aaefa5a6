"""From a configuration to what a run needs: its tasks, its agents, its models, its opening messages."""

import secrets
from collections.abc import Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import get_args

from ...agents.messages import Message, Moment, RunStarted, Stage, TaskLoaded
from ...agents.models.base import Model, ModelError
from ...agents.models.registry import ModelSettings, build_model
from ...agents.roles.base import Role
from ...agents.roles.curator import Curator
from ...agents.roles.judge import Judge
from ...agents.roles.reference import Reference
from ...agents.roles.reviewer import Reviewer
from ...agents.roles.scorer import Scorer
from ...agents.search.settings import SearchSettings
from ...prompts.errors import TaskError
from ...prompts.loading.task_loader import bundled_tasks, load_task, read_task_file
from ...prompts.task import Split, Task
from ..budget.tracker import Terms
from ..config.role_settings import RoleSettings
from ..config.settings import Config
from ..errors import ConfigError
from .agent_runtime import AgentHost
from .role_loader import LoadedRole, load_roles, role_versions

_MOST_EXEMPLARS = 50
"""Training examples that a run takes along for exemplars."""
ROLES: Sequence[type[Role]] = (Curator, Reference, Scorer)
_OWN_SLOTS = 8
"""Calls at once of a model that a role brings along."""
_REMOTE = ("openai", "autogen")
"""Providers whose replies have a timeout."""
_REPORTED = ("transfer-prompting", "autogen-core", "pydantic", "torch", "transformers")


async def host_for(
    settings: SearchSettings, plugins: Mapping[str, RoleSettings] = {}, host: AgentHost | None = None
) -> AgentHost:
    """The agents of a run, each hearing the kinds of message that its handlers accept.

    Raises `ConfigError` for one of `plugins` that cannot be found or used.
    """
    host = host or AgentHost()
    loaded = load_roles(plugins)
    settings = settings.model_copy(update={"reviewers": reviewers(loaded)})
    roles: Sequence[type[Role]] = (*ROLES, Judge) if settings.judge else ROLES
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
    """Who is to be asked at which moment, in the order of the configuration."""
    asked = [role for role in roles if issubclass(role.cls, Reviewer)]
    return {
        moment: tuple(role.name for role in asked if moment in role.cls.reviews)  # type: ignore[attr-defined]
        for moment in get_args(Moment)
    }


def models_for(config: Config) -> tuple[dict[str, Model], dict[str, int]]:
    """Role -> its model, and role -> how many of its calls may run at once; for the roles that take part.

    Roles with the same settings share one model. Raises `ConfigError` for one that cannot be built.
    """
    built: dict[ModelSettings, Model] = {}
    models: dict[str, Model] = {}
    slots: dict[str, int] = {}
    for role, settings in config.models:
        if settings is None or (role == Judge.name and config.search.judge is None):
            continue
        if settings not in built:
            try:
                built[settings] = build_model(settings)
            except (ModelError, ValueError) as error:
                raise ConfigError(f"models.{role}: {error}") from error
        models[role] = built[settings]
        slots[role] = settings.slots
    for plugin in load_roles(config.roles):
        if plugin.cls.asks_model() and plugin.name not in models:
            raise ConfigError(f"roles.{plugin.name} asks a model: describe it as [models.{plugin.name}].")
        own = plugin.cls.own_models(plugin.name, plugin.settings)
        models |= own
        slots |= dict.fromkeys(own, _OWN_SLOTS)
    return models, slots


def terms_for(config: Config, others: Sequence[str] | None = ()) -> Terms:
    """What the run may cost; `others` are the runs whose replies it may take, None for all of the log."""
    models: dict[str, ModelSettings | None] = dict(config.models)
    return Terms(
        budget=config.budget,
        prices={role: model.price for role, model in models.items() if model and model.price},
        timeouts={
            role: model.timeout for role, model in models.items() if model and model.provider in _REMOTE
        },
        search=config.search_settings(),
        others=None if config.reuse else others,
    )


def opening(config: Config, folder: Path, models: dict[str, Model]) -> list[Message]:
    """What the user says to start the run: the configuration, then each task with its examples.

    Raises `ConfigError` for an unknown task, `TaskError` for unusable data.
    """
    target = config.target
    loaded = [
        _loaded(config, folder, name, "source", config.source.examples, 0) for name in config.source.tasks
    ]
    loaded.append(_loaded(config, folder, target.task, "target", target.examples, target.test_examples))
    for message in loaded:
        check_answerable(config, message.task, models)
    started = RunStarted(
        name=config.name,
        seed=config.seed,
        config=config.model_dump(mode="json", exclude={"log"}),
        source_tasks=config.source.tasks,
        target_task=target.task,
        models={role: model.identity for role, model in models.items()},
        versions=versions() | role_versions(config.roles),
    )
    return [started, *loaded]


def new_run_name(config: Config) -> str:
    """The configuration's name and four random digits, so that each run has a name of its own."""
    return f"{config.name}-{secrets.token_hex(2)}"


def versions() -> dict[str, str]:
    """The installed versions of what decides how a run goes."""
    found = {}
    for package in _REPORTED:
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return found


def _loaded(config: Config, folder: Path, name: str, stage: Stage, dev: int, test: int) -> TaskLoaded:
    bundled = bundled_tasks()
    if name in config.tasks:
        settings, place = config.tasks[name], folder
    elif name in bundled:
        settings, place = read_task_file(bundled[name]), bundled[name]
    elif (folder / name / "task.toml").is_file():
        settings, place = read_task_file(folder / name), folder / name
    else:
        there = ", ".join([*config.tasks, *bundled])
        raise ConfigError(
            f"{stage}: there is no task {name!r}. Describe it as [tasks.{name}], give a folder that holds a "
            f"task.toml, or choose one of: {there}."
        )
    limits: dict[Split, int] = {"train": _MOST_EXEMPLARS, "dev": dev, "test": test}
    task = load_task(Path(name).name, settings, place, limits, config.seed)
    return TaskLoaded(task=task, stage=stage, origin=str(name), digest=task.digest())


def check_answerable(config: Config, task: Task, models: Mapping[str, Model]) -> None:
    """Refuse what could not be answered the way `search.answer` says, before any call is paid.

    Raises `TaskError` where the task's answers have no options, `ConfigError` where the scorer's model gives
    no likelihoods.
    """
    answer, scorer = config.search.answer, models["scorer"]
    if answer == "both" and task.answer.type in ("label", "letter") and not scorer.rates_options:
        raise ConfigError(
            'search.answer = "both" needs a model that tells the likelihood of options beside an answer that '
            f'it writes, and {scorer.identity} does not. Set search.answer = "stated".'
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
