"""Load a task: from its settings and its data files to checked examples."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from pydantic import ValidationError

from ..errors import TaskError
from ..reading.answers import check_form
from ..task import AnswerFormat, Example, Split, Task
from ..validation_errors import describe_errors
from .decoding import read_text
from .drafts import Draft, drafts_of
from .examples import examples_of, named
from .golds import decide
from .labels import labels_of
from .leaks import check_leaks
from .overlap import without_copies, without_overlap
from .splits import check_ids, check_not_empty, cut, read_parts, sample
from .task_settings import GoldMeaning, TaskSettings


def bundled_tasks() -> dict[str, Path]:
    """Return name -> folder of every task that comes with the package."""
    root = Path(str(files("transfer_prompting.prompts").joinpath("tasks")))
    return {path.parent.name: path.parent for path in sorted(root.glob("*/task.toml"))}


def read_task_file(folder: Path) -> TaskSettings:
    """Read the settings in `folder`/task.toml. Raises `TaskError` naming the file and the key."""
    path = folder / "task.toml"
    if not path.is_file():
        raise TaskError(f"{path}: there is no such file.")
    try:
        return TaskSettings.model_validate(tomllib.loads(read_text(path)))
    except tomllib.TOMLDecodeError as error:
        raise TaskError(f"{path}: {error}") from error
    except ValidationError as error:
        raise TaskError(describe_errors(str(path), error, TaskSettings)) from error


@dataclass(frozen=True, slots=True)
class LoadedTask:
    """A task, and what its data were understood to mean."""

    task: Task
    gold: GoldMeaning
    """Meaning of the right answers in the data."""
    notes: tuple[str, ...]
    """Remarks on the data for a person: rows that are left out, and answers that may be given away."""


def load_task(
    name: str, settings: TaskSettings, folder: Path, limits: Mapping[Split, int], seed: int
) -> Task:
    """Read, check and sample the data of a task; see `load_with_notes`."""
    return load_with_notes(name, settings, folder, limits, seed).task


def load_with_notes(
    name: str, settings: TaskSettings, folder: Path, limits: Mapping[Split, int], seed: int
) -> LoadedTask:
    """Read, check and sample the data of a task, and tell what was understood and left out.

    Paths are relative to `folder`. Each split keeps at most `limits[split]` examples, drawn with `seed`.
    Raises `TaskError` if data are missing, empty, malformed, wrongly labelled, or mostly repeated.
    """
    data, notes = settings.data, list[str]()
    drafts = {part: drafts_of(settings, rows) for part, rows in read_parts(data, folder).items()}
    check_not_empty(name, cut(data, drafts, seed), data, folder)
    every = [draft for found in drafts.values() for draft in found]
    task = Task(
        name=name,
        description=settings.description,
        answer=AnswerFormat(type=settings.answer.type, labels=labels_of(name, settings, every)),
        initial_prompts=settings.initial_prompts,
    )
    check_form(task.answer, name)
    gold = _gold(settings, every)
    # All rows are checked before any is drawn, so that an error does not depend on the seed.
    placed = {part: examples_of(task, gold, found) for part, found in drafts.items()}
    check_leaks(task, data.columns, [one for found in placed.values() for one in found], notes)
    if "all" in placed:
        placed["all"] = without_copies(name, placed["all"], notes)
    splits = {split: named(split, found) for split, found in cut(data, placed, seed).items()}
    check_ids(name, splits)
    splits = without_overlap(name, splits, notes)
    check_not_empty(name, splits, data, folder)
    drawn: dict[str, tuple[Example, ...]] = {
        split: tuple(example for _, example in sample(found, limits[split], seed))
        for split, found in splits.items()
    }
    return LoadedTask(task.model_copy(update=drawn), gold, tuple(notes))


def _gold(settings: TaskSettings, drafts: Sequence[Draft]) -> GoldMeaning:
    if settings.answer.type == "letter":
        return decide(drafts, settings.answer.gold, "keys" in settings.data.columns)
    return settings.answer.gold or "text"
