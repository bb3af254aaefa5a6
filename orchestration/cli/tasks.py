"""The command `tasks`."""

import csv
import json as json_text
import sys
from dataclasses import dataclass
from pathlib import Path

import click

from ...prompts.loading.rows import read_rows
from ...prompts.loading.task_loader import bundled_tasks, read_task_file
from ...prompts.loading.task_settings import TaskSettings
from ..errors import ConfigError
from .options import PATH, json_option
from .output import print_document, print_table


@dataclass(frozen=True, slots=True)
class TasksDocument:
    """The bundled tasks by name, each with its settings."""

    tasks: dict[str, TaskSettings]


@click.command
@click.argument("name", required=False, help="Load this task and show how its data are understood.")
@click.option(
    "--csv",
    "printed",
    metavar="NAME",
    help="Print all examples of this task as CSV instead, to experiment with.",
)
@click.option(
    "--config", type=PATH, help="The configuration that describes NAME.  [default: transfer-prompting.toml]"
)
@click.option(
    "--request",
    is_flag=True,
    help="Print the request for one row of NAME instead, with the first initial prompt, as JSON.",
)
@click.option("--row", metavar="ID", help="With --request: the row.  [default: the first of dev]")
@json_option
def tasks(
    name: str | None, printed: str | None, config: Path | None, request: bool, row: str | None, json: bool
) -> None:
    """List the example tasks that come with the program.

    With NAME, load that task and show how its data are understood, or with --request exactly what a model is
    sent.
    """
    if (request and name is None) or (row is not None and not request):
        raise click.UsageError("Give the NAME of a task with --request, and --row only with it.")
    folders = bundled_tasks()
    if printed is not None:
        _print_csv(printed)
        return
    if name is not None:
        # Imported here because a list of tasks must appear quickly.
        from .task_summary import print_request, print_task

        if request:
            print_request(name, config, row)
        else:
            print_task(name, config, as_json=json)
        return
    found = {name: read_task_file(folder) for name, folder in folders.items()}
    if json:
        print_document("tasks", TasksDocument(found))
        return
    rows = [[name, task.answer.type, task.description] for name, task in found.items()]
    print_table(["task", "answer", "description"], rows)


def _print_csv(name: str) -> None:
    """Print the examples of a bundled task. Raise `ConfigError` if there is no such task."""
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
        {key: json_text.dumps(cell) if isinstance(cell, list) else cell for key, cell in row.items()}
        for row in rows
    )
