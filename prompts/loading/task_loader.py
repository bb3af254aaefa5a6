"""Load a task: from its settings and its data files to checked examples."""

import tomllib
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

from pydantic import ValidationError

from ..errors import TaskError
from ..task import AnswerFormat, Split, Task
from ..validation_errors import describe_errors
from .examples import examples_of, labels_of
from .splits import check_ids, check_not_empty, read_splits, sample
from .task_settings import TaskSettings


def bundled_tasks() -> dict[str, Path]:
    """Return name -> folder of every task that comes with the package."""
    root = Path(str(files("transfer_prompting.prompts").joinpath("tasks")))
    return {path.parent.name: path.parent for path in sorted(root.glob("*/task.toml"))}


def read_task_file(folder: Path) -> TaskSettings:
    """Read the settings in `folder`/task.toml. Raises `TaskError` naming the file and the key."""
    path = folder / "task.toml"
    try:
        return TaskSettings.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        raise TaskError(f"{path}: there is no such file.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise TaskError(f"{path}: {error}") from error
    except ValidationError as error:
        raise TaskError(describe_errors(str(path), error, TaskSettings)) from error


def load_task(
    name: str, settings: TaskSettings, folder: Path, limits: Mapping[Split, int], seed: int
) -> Task:
    """Read, check and sample the data of a task.

    Paths are relative to `folder`. Each split keeps at most `limits[split]` examples, drawn with `seed`.
    Raises `TaskError` if data are missing, empty, malformed, duplicated or wrongly labelled.
    """
    rows = read_splits(settings.data, folder, seed)
    check_not_empty(name, rows, settings.data, folder)
    task = Task(
        name=name,
        description=settings.description,
        answer=AnswerFormat(type=settings.answer.type, labels=labels_of(name, settings, rows)),
        initial_prompts=settings.initial_prompts,
    )
    # All rows are checked before any is drawn, so that an error does not depend on the seed.
    examples = {
        split: examples_of(task, settings.data.columns, split, found) for split, found in rows.items()
    }
    check_ids(name, rows, examples)
    return task.model_copy(
        update={split: tuple(sample(found, limits[split], seed)) for split, found in examples.items()}
    )
