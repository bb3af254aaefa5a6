"""The code of the user's that a run loads, found in the settings of its tasks."""

from collections.abc import Iterator
from pathlib import Path

from ...agents.models.metric_functions import READING
from ...prompts.loading.task_loader import read_task_file
from ...prompts.loading.task_settings import TaskSettings
from ...prompts.program import ProgramSettings
from .settings import Config


def with_functions(config: Config, folder: Path) -> Config:
    """Return `config` with the functions and programs of its tasks; `folder` is that of the configuration.

    So what the run loads stands in its log, and can be approved, fingerprinted and compared.
    """
    functions: dict[str, str] = {}
    programs: dict[str, ProgramSettings] = {}
    for name in config.tasks_in_use:
        settings, place = _task(config, folder, name)
        if settings is None:
            continue
        task = Path(name).name
        functions |= {f"{task}.{own}": _at(place, use) for own, use in _uses(settings)}
        if settings.program:
            programs[task] = placed(settings.program, place)
    found = {"functions": functions, "programs": programs}
    if (config.functions, config.programs) == (functions, programs):
        return config
    return config.model_copy(update=found)


def placed(program: ProgramSettings, folder: Path) -> ProgramSettings:
    """Return a program whose files are named from the working directory; `folder` is that of its task."""
    if program.use:
        return program.model_copy(update={"use": _at(folder, program.use)})
    words = tuple(str(folder / word) if (folder / word).is_file() else word for word in program.command)
    return program.model_copy(update={"command": words})


def program_files(program: ProgramSettings) -> list[Path]:
    """Return the files of a program: the one it is in, or those that its command names."""
    named = [program.use.rpartition(":")[0]] if program.use else program.command
    return [Path(name) for name in named if name and Path(name).is_file()]


def _at(folder: Path, use: str) -> str:
    file, _, function = use.rpartition(":")
    return f"{folder / file}:{function}"


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
