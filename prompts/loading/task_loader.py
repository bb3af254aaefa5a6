"""Load a task: from its settings and its data files to checked examples."""

import sys
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from pydantic import ValidationError

from ..errors import MetricError, TaskError
from ..metrics.builtin import check_example
from ..reading.answers import check_form
from ..task import AnswerFormat, Example, Split, Task
from ..validation_errors import describe_errors
from .answer_settings import GoldMeaning
from .balance import LabelOf, drawn
from .column_notes import ColumnNotes
from .decoding import read_text
from .drafts import Draft, drafts_of
from .examples import ExampleMaker, named
from .folds import Fold, hold_out, pooled
from .golds import decide
from .json_golds import spread_values
from .labels import labels_of
from .leaks import check_leaks
from .list_golds import spread_lists
from .memory import without_collection
from .overlap import without_copies, without_overlap
from .placed import Placed
from .schema_text import schema_text
from .splits import Part, check_groups, check_ids, check_not_empty, cut, read_parts
from .task_settings import TaskSettings
from .used_columns import UsedColumns, needs_gold, used_columns


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


EVERY_ROW: Mapping[Split, int] = {"train": sys.maxsize, "dev": sys.maxsize, "test": sys.maxsize}
"""Limits that leave out no row."""


def load_task(
    name: str, settings: TaskSettings, folder: Path, limits: Mapping[Split, int], seed: int
) -> Task:
    """Read, check and sample the data of a task; see `load_with_notes`."""
    return load_with_notes(name, settings, folder, limits, seed).task


def load_with_notes(
    name: str,
    settings: TaskSettings,
    folder: Path,
    limits: Mapping[Split, int],
    seed: int,
    fold: Fold | None = None,
) -> LoadedTask:
    """Read, check and sample the data of a task, and tell what was understood and left out.

    Paths are relative to `folder`. Each split keeps at most `limits[split]` examples, drawn with `seed`.
    With a `fold`, all rows are pooled, and that part of them is the test split.
    Raises `TaskError` if data are missing, empty, malformed, wrongly labelled, or mostly repeated.
    """
    with without_collection():
        return _loaded(name, settings, folder, limits, seed, fold)


def _loaded(
    name: str,
    settings: TaskSettings,
    folder: Path,
    limits: Mapping[Split, int],
    seed: int,
    fold: Fold | None,
) -> LoadedTask:
    notes = list[str]()
    used = used_columns(settings)
    schema = schema_text(name, settings.answer.json_schema, folder)
    watch = ColumnNotes(name, settings, used)
    drafts = _read(settings, used, watch, folder)
    if fold is None:
        sizes = {part: range(len(found)) for part, found in drafts.items()}
        check_not_empty(name, cut(settings.data, sizes, seed), settings.data, folder)
    unused = watch.unused()
    every = [draft for found in drafts.values() for draft in found]
    task = _without_examples(name, settings, schema, every)
    check_form(task.answer, name)
    gold = _gold(settings, every)
    del every
    # All rows are checked before any is drawn, so that an error does not depend on the seed.
    maker = ExampleMaker(
        task, gold, used.shown, asks=not settings.own_request, needs_gold=needs_gold(settings)
    )
    placed: dict[Part, list[Placed]] = {part: maker.examples(drafts.pop(part)) for part in list(drafts)}
    if fold is not None:
        placed = pooled(name, placed, fold, notes)
    check_leaks(task, settings, used, [one for found in placed.values() for one in found], notes)
    splits = _divided(name, settings, folder, placed, used.shown, seed, fold, notes)
    label_of = _label_of(settings) if "all" in placed else None
    sampled = {split: drawn(found, limits[split], seed, label_of) for split, found in splits.items()}
    _check_metrics(task, [one for found in sampled.values() for one in found])
    kept: dict[str, tuple[Example, ...]] = {
        split: tuple(one.example for one in found) for split, found in sampled.items()
    }
    return LoadedTask(task.model_copy(update=kept), gold, (*notes, *unused))


def _read(
    settings: TaskSettings, used: UsedColumns, watch: ColumnNotes, folder: Path
) -> dict[Part, list[Draft]]:
    """Return the drafts of each source."""
    return {
        part: drafts_of(settings, used, watch.watching(rows))
        for part, rows in read_parts(settings.data, folder)
    }


def _without_examples(name: str, settings: TaskSettings, schema: str | None, drafts: Sequence[Draft]) -> Task:
    answer = settings.answer
    if answer.type == "list":
        spread_lists(settings, drafts)
    if answer.type == "json":
        spread_values(drafts, schema, of_columns=isinstance(settings.data.columns.get("answer"), dict))
    return Task(
        name=name,
        description=settings.description,
        answer=AnswerFormat(
            type=answer.type,
            labels=labels_of(name, settings, drafts),
            json_schema=schema,
            marker=answer.marker,
            pattern=answer.pattern,
            function=answer.function,
        ),
        initial_prompts=settings.prompts,
        texts=settings.text_names,
        messages=settings.messages,
        frame=settings.chosen_frame,
        program=settings.program,
        metrics=settings.all_metrics,
    )


def _divided(
    name: str,
    settings: TaskSettings,
    folder: Path,
    placed: dict[Part, list[Placed]],
    shown: Sequence[str],
    seed: int,
    fold: Fold | None,
    notes: list[str],
) -> dict[Split, list[Placed]]:
    """Return the splits, each question in one of them only."""
    data = settings.data
    if "all" in placed:
        placed["all"] = without_copies(name, placed["all"], notes)
    if fold is not None:
        whole = hold_out(name, data, placed["all"], fold, seed, _label_of(settings))
    else:
        group_of = (lambda one: one.group) if data.group else None
        whole = cut(data, placed, seed, group_of=group_of, label_of=_label_of(settings))
    splits = {split: named(split, found) for split, found in whole.items()}
    check_ids(name, splits)
    check_groups(name, splits)
    splits = without_overlap(name, splits, shown, notes)
    check_not_empty(name, splits, data, folder)
    return splits


def _check_metrics(task: Task, placed: Sequence[Placed]) -> None:
    """Raise `TaskError` naming the place of an example whose outputs a metric of the task cannot grade."""
    for metric in task.metrics:
        for one in placed:
            try:
                check_example(metric, task, one.example)
            except MetricError as error:
                raise TaskError(f"{one.where}: {error}") from error


def _label_of(settings: TaskSettings) -> LabelOf[Placed]:
    """Return the function that gives the label whose shares the splits keep; None if they need not."""
    stratify = settings.data.stratify
    wanted = settings.answer.type == "label" if stratify is None else stratify
    return (lambda one: one.example.answer) if wanted else None


def _gold(settings: TaskSettings, drafts: Sequence[Draft]) -> GoldMeaning:
    if settings.answer.type == "letter":
        given = [draft for draft in drafts if draft.answers]
        return decide(given, settings.answer.gold, "keys" in settings.data.columns)
    return settings.answer.gold or "text"
