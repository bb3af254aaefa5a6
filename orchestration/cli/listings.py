"""What `tasks` and `doctor` print."""

import csv
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from ...prompts.loading.rows import read_rows
from ...prompts.loading.summary import summarise
from ...prompts.loading.task_loader import LoadedTask, bundled_tasks, load_with_notes
from ...prompts.loading.task_settings import TaskSettings
from ...prompts.task import Split
from ..config import defaults
from ..doctor import Check
from ..errors import ConfigError
from .documents import fields, print_document
from .tables import print_table


def print_tasks(tasks: Mapping[str, TaskSettings], *, as_json: bool) -> None:
    """One line a task."""
    if as_json:
        print_document("tasks", {"tasks": tasks})
        return
    print_table(["task", "answer", "what"], [[n, t.answer.type, t.description] for n, t in tasks.items()])


def print_task(name: str, config: Path | None, *, as_json: bool) -> None:
    """Load a task and print how its data are understood.

    Raises `ConfigError` if there is no task of that name, `TaskError` if its data cannot be used.
    """
    summary = summarise(_loaded(name, config))
    if as_json:
        print_document("task", fields(summary))
        return
    example = summary.example
    shown = {
        "answers": summary.type + (f": {', '.join(summary.labels)}" if summary.labels else ""),
        "in the data": summary.gold,
        "examples": f"{summary.train} train, {summary.dev} dev, {summary.test} test",
        "several answers": f"{summary.several} examples" if summary.several else "",
        "context": example.context or "" if example else "",
        "question": example.question if example else "",
        "choices": " | ".join(example.choices or ()) if example else "",
        "right": " or ".join(example.right_answers) if example else "",
    }
    print_table(["task", name], [[key, value] for key, value in shown.items() if value])
    for note in summary.notes:
        print(note)


def _loaded(name: str, config: Path | None) -> LoadedTask:
    from ..config.settings import read_config  # Imported here, because a list of tasks must appear quickly.
    from ..runtime.assembly import find_task

    own, folder, seed = {}, Path(), 0
    if config is not None or (name not in bundled_tasks() and defaults.CONFIG.is_file()):
        path = config or defaults.CONFIG
        settings = read_config(path)
        own, folder, seed = settings.tasks, path.parent, settings.seed
    found, place = find_task(own, folder, name, "tp tasks")
    everything: dict[Split, int] = {"train": sys.maxsize, "dev": sys.maxsize, "test": sys.maxsize}
    return load_with_notes(name, found, place, everything, seed)


def print_rows(name: str) -> None:
    """The rows of a bundled task as CSV. Raises `ConfigError` where there is none of that name."""
    folders = bundled_tasks()
    if name not in folders:
        raise ConfigError(f"There is no task {name!r}. Choose one of: {', '.join(folders)}.")
    rows = [
        row for split in ("train", "dev", "test") for _, row in read_rows(f"{split}.jsonl", folders[name])
    ]
    columns = [key for key in rows[0] if key != "id"]
    table = csv.DictWriter(sys.stdout, columns, extrasaction="ignore", lineterminator="\n")
    table.writeheader()
    table.writerows(
        {key: json.dumps(cell) if isinstance(cell, list) else cell for key, cell in row.items()}
        for row in rows
    )


def print_checks(checks: Sequence[Check], *, as_json: bool) -> None:
    """One line a finding."""
    if as_json:
        print_document("doctor", {"checks": checks})
        return
    signs = {True: "yes", False: "no"}
    print_table(["", "here", "detail"], [[c.name, signs[c.ok], c.detail] for c in checks])
