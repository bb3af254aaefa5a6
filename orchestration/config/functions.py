"""The functions of the user's that a run loads, found in the settings of its tasks."""

from collections.abc import Iterator
from pathlib import Path

from ...agents.models.metric_functions import READING
from ...prompts.loading.task_loader import read_task_file
from ...prompts.loading.task_settings import TaskSettings
from .settings import Config


def with_functions(config: Config, folder: Path) -> Config:
    """Return `config` with the functions of its tasks as `functions`; `folder` is that of the configuration.

    So what the run loads stands in its log, and can be approved, fingerprinted and compared.
    """
    found: dict[str, str] = {}
    for name in (*config.source.tasks, config.target.task):
        settings, place = _task(config, folder, name)
        for own, use in _uses(settings) if settings else ():
            file, _, function = use.rpartition(":")
            found[f"{Path(name).name}.{own}"] = f"{place / file}:{function}"
    return config if found == config.functions else config.model_copy(update={"functions": found})


def _uses(settings: TaskSettings) -> Iterator[tuple[str, str]]:
    """Yield name and place of each function: of metrics, and of the one that reads answers."""
    if settings.answer.function:
        yield READING, settings.answer.function
    for metric in settings.all_metrics:
        if metric.function:
            yield metric.name, metric.use


def _task(config: Config, folder: Path, name: str) -> tuple[TaskSettings | None, Path]:
    """Return the settings of a task and the folder of its files; None for a bundled task."""
    if name in config.tasks:
        return config.tasks[name], folder
    place = folder / name
    return (read_task_file(place), place) if (place / "task.toml").is_file() else (None, place)
