"""The program `tp`: its commands, and the edge where errors become one paragraph and an exit status."""

import sys
from collections.abc import Callable
from functools import wraps
from typing import Any

import typer

from . import lineage, project, reading, running, setting_up


class Interrupted(Exception):
    """Ctrl-C, under a name of our own: typer would swallow KeyboardInterrupt and say nothing."""


def _interruptible(command: Callable[..., None]) -> Callable[..., None]:
    @wraps(command)
    def wrapped(*arguments: Any, **options: Any) -> None:
        try:
            command(*arguments, **options)
        except KeyboardInterrupt:
            carries_on = command in (running.run, running.resume)
            hint = " Nothing in the log is lost: `tp resume last` goes on." if carries_on else ""
            raise Interrupted(f"Interrupted.{hint}") from None

    return wrapped


app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Find the best prompt for a task: agents propose, score and promote prompts, and every word of it "
    "is kept in an event log that can be watched, replayed and resumed.",
)
for command in (
    setting_up.init,
    running.run,
    running.resume,
    reading.runs,
    reading.watch,
    reading.replay,
    reading.show,
    reading.best,
    project.project,
    lineage.fork,
    lineage.diff,
    lineage.verify,
    lineage.export,
    lineage.redact,
    setting_up.tasks,
    setting_up.doctor,
):
    app.command()(_interruptible(command))
app.command("import")(_interruptible(lineage.import_))


def main() -> None:
    """Run the program: 0 done, 1 the run failed, 2 wrong input, 130 interrupted."""
    try:
        app()
    except Interrupted as interrupted:
        fail(str(interrupted), 130)
    except BrokenPipeError:
        # The reader of our output has gone (`tp show ... | head`): not an error of ours.
        sys.stderr.close()
        raise SystemExit(0) from None
    except Exception as error:
        status = _status(error)
        if status is None:
            raise
        fail(str(error), status)


def fail(text: str, status: int) -> None:
    """One paragraph on stderr, and out."""
    print(f"Error: {text}", file=sys.stderr)
    raise SystemExit(status)


def _status(error: Exception) -> int | None:
    """The exit status of an error that we expect, by the tree it belongs to; None for a bug of our own."""
    from ...agents.models.base import ModelError
    from ...prompts.errors import TaskError
    from ...storage.errors import LogFull, StorageError
    from ..errors import ConfigError, OrchestrationError

    if isinstance(error, LogFull | ModelError):
        return 1
    if isinstance(error, ConfigError | TaskError | StorageError):
        return 2
    return 1 if isinstance(error, OrchestrationError) else None
