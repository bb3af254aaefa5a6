"""The metric functions that a run loads, found in the settings of its tasks."""

from pathlib import Path

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
        for metric in settings.all_metrics if settings else ():
            if metric.function:
                file, function = metric.function
                found[f"{Path(name).name}.{metric.name}"] = f"{place / file}:{function}"
    return config if found == config.functions else config.model_copy(update={"functions": found})


def _task(config: Config, folder: Path, name: str) -> tuple[TaskSettings | None, Path]:
    """Return the settings of a task and the folder of its files; None for a bundled task."""
    if name in config.tasks:
        return config.tasks[name], folder
    place = folder / name
    return (read_task_file(place), place) if (place / "task.toml").is_file() else (None, place)
