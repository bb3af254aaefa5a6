"""What `tasks` and `doctor` print."""

import csv
import json
import sys
from collections.abc import Mapping, Sequence

from ...prompts.loading.rows import read_rows
from ...prompts.loading.task_loader import bundled_tasks
from ...prompts.loading.task_settings import TaskSettings
from ..doctor import Check
from ..errors import ConfigError
from .documents import print_document
from .tables import print_table


def print_tasks(tasks: Mapping[str, TaskSettings], *, as_json: bool) -> None:
    """One line a task."""
    if as_json:
        print_document("tasks", {"tasks": tasks})
        return
    print_table(["task", "answer", "what"], [[n, t.answer.type, t.description] for n, t in tasks.items()])


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
