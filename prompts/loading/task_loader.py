"""From the description of a task to the task with its checked examples."""

import json
import tomllib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from importlib.resources import files
from pathlib import Path
from random import Random
from typing import Any

from pydantic import ValidationError

from ..errors import TaskError
from ..reading.answers import check_example
from ..task import AnswerFormat, Example, Split, Task
from ..validation_errors import describe_errors
from .rows import HUB, read_rows
from .task_settings import TaskSettings

_MOST_LABELS = 50
Splits = dict[Split, list[tuple[str, dict[str, Any]]]]


def bundled_tasks() -> dict[str, Path]:
    """Name -> folder of every task that comes with the package."""
    root = Path(str(files("transfer_prompting.prompts").joinpath("tasks")))
    return {path.parent.name: path.parent for path in sorted(root.glob("*/task.toml"))}


def read_task_file(folder: Path) -> TaskSettings:
    """The settings in `folder`/task.toml. Raises `TaskError` naming the file and the key."""
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

    Paths are relative to `folder`. Of each split at most `limits[split]` examples are taken, drawn with
    `seed`. Raises `TaskError` for data that is missing, empty, malformed, doubled or wrongly labelled.
    """
    rows = _splits(settings, folder, seed)
    if not rows["dev"] or not rows["test"]:
        empty = "dev" if not rows["dev"] else "test"
        raise TaskError(
            f"task {name}: no examples for {empty} in {_source(settings, empty, folder)}. Add rows: "
            "candidates are scored on dev, the verdict rests on test."
        )
    task = Task(
        name=name,
        description=settings.description,
        answer=AnswerFormat(type=settings.answer.type, labels=_labels(name, settings, rows)),
        initial_prompts=settings.initial_prompts,
    )
    read = {split: _examples(task, settings, split, found) for split, found in rows.items()}
    _check_ids(name, rows, read)
    return task.model_copy(
        update={split: tuple(_sample(examples, limits[split], seed)) for split, examples in read.items()}
    )


def _splits(settings: TaskSettings, folder: Path, seed: int) -> Splits:
    data = settings.data
    if data.all is not None:
        rows = list(read_rows(data.all, folder))
        Random(seed).shuffle(rows)
        first = round(data.shares[0] * len(rows))
        second = first + round(data.shares[1] * len(rows))
        return {"train": rows[:first], "dev": rows[first:second], "test": rows[second:]}
    train = list(read_rows(data.train, folder)) if data.train else []
    test = list(read_rows(data.test, folder)) if data.test else []
    if data.dev:
        return {"train": train, "dev": list(read_rows(data.dev, folder)), "test": test}
    Random(seed).shuffle(train)
    half = len(train) // 2
    return {"train": train[half:], "dev": train[:half], "test": test}


def _source(settings: TaskSettings, split: str, folder: Path) -> str:
    data = settings.data
    named = data.all or (data.test if split == "test" else data.dev or data.train) or ""
    return named if named.startswith(HUB) else str(folder / named)


def _labels(name: str, settings: TaskSettings, rows: Splits) -> tuple[str, ...]:
    if settings.answer.type != "label" or settings.answer.labels:
        return settings.answer.labels
    column = settings.data.columns.get("answer", "answer")
    every = [placed for split in rows.values() for placed in split]
    if every and not any(column in row for _, row in every):
        raise _no_column("answer", column, *every[0])
    answers = {_text(row.get(column)) for _, row in every}
    found = sorted(answers - {""})
    if not 2 <= len(found) <= _MOST_LABELS:
        raise TaskError(
            f"task {name}: its data hold {len(found)} different answers, which are no labels. Give "
            f'answer.labels, or another answer.type ("number", "text", "letter").'
        )
    return tuple(found)


def _examples(
    task: Task, settings: TaskSettings, split: Split, rows: Sequence[tuple[str, dict[str, Any]]]
) -> list[Example]:
    examples = []
    for number, (where, row) in enumerate(rows, 1):
        example = _example(task, settings.data.columns, row, where, f"{split}-{number}")
        check_example(task, example, where)
        examples.append(example)
    return examples


def _example(task: Task, columns: Mapping[str, str], row: dict[str, Any], where: str, id_: str) -> Example:
    def field(key: str) -> Any:
        column = columns.get(key, key)
        if column not in row and (key in columns or key in {"question", "answer"}):
            raise _no_column(key, column, where, row)
        return row.get(column)

    choices = _list(field("choices")) if task.answer.type == "letter" else None
    if choices is not None and not isinstance(choices, list | tuple):
        raise TaskError(f"{where}: choices must be a list (in CSV a JSON list), not {choices!r}.")
    context = field("context")
    return Example(
        id=_text(field("id")) or id_,
        question=_text(field("question")),
        answer=_text(field("answer")),
        context=_text(context) or None,
        choices=tuple(map(str, choices)) if choices else None,
    )


def _no_column(key: str, column: str, where: str, row: Mapping[str, Any]) -> TaskError:
    return TaskError(
        f"{where}: there is no column {column!r} for the {key}; there are {', '.join(map(str, row))}. "
        f"Name it in data.columns: {{ {key} = ... }}."
    )


def _list(value: Any) -> Any:
    """What a cell of a CSV file means where it is a JSON list; anything else as it is."""
    with suppress(TypeError, ValueError):
        return json.loads(value)
    return value


def _text(value: Any) -> str:
    return "" if value is None else str(value).strip()


def _check_ids(name: str, rows: Splits, read: Mapping[Split, Sequence[Example]]) -> None:
    seen: dict[str, tuple[Split, str]] = {}
    for split, examples in read.items():
        for (where, _), example in zip(rows[split], examples, strict=True):
            before, there = seen.setdefault(example.id, (split, where))
            if before != split:
                raise TaskError(
                    f"{where}: the id {example.id!r} of task {name} stands in {before} ({there}) and in "
                    f"{split}. An example must be in one split only: the verdict may not rest on what the "
                    "search has seen."
                )
            if there != where:
                raise TaskError(
                    f"{where}: the id {example.id!r} of task {name} stands in {split} already ({there}). "
                    "Give each row an id of its own, or none at all."
                )


def _sample(examples: list[Example], limit: int, seed: int) -> list[Example]:
    if len(examples) <= limit:
        return examples
    return Random(seed).sample(examples, limit)
