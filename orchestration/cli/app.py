"""The program `tp`: its commands, and the edge where errors become one paragraph and an exit status."""

import os
import sys
from pathlib import Path

import click

from . import lineage, project, reading, roles, running, setting_up, telling, watching


class _InOrder(click.Group):
    """Lists its commands in the order in which a newcomer needs them, not by the alphabet."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)


@click.group(cls=_InOrder)
def app() -> None:
    """Find the best prompt for a task: agents propose, score and promote prompts, and every word of it is
    kept in an event log that can be watched, replayed and resumed.
    """


for _command in (
    setting_up.init,
    running.run,
    running.resume,
    reading.runs,
    watching.watch,
    watching.replay,
    reading.show,
    reading.best,
    telling.why,
    telling.cost,
    telling.report,
    telling.compare,
    project.project,
    lineage.fork,
    lineage.diff,
    lineage.verify,
    lineage.export,
    lineage.redact,
    setting_up.tasks,
    roles.check_role,
    setting_up.doctor,
    setting_up.schema,
    lineage.import_,
):
    app.add_command(_command)


def main() -> None:
    """Run the program: 0 done, 1 the run failed, 2 wrong input, 130 interrupted."""
    try:
        # Not by `app()`: click would turn Ctrl-C into an "Aborted!" and lose the status.
        with app.make_context(Path(sys.argv[0]).name, sys.argv[1:]) as context:
            app.invoke(context)
        sys.stdout.flush()
    except click.exceptions.Exit as ended:
        raise SystemExit(ended.exit_code) from None
    except click.ClickException as error:
        error.show()
        raise SystemExit(error.exit_code) from None
    except KeyboardInterrupt:
        carries_on = sys.argv[1:2] in (["run"], ["resume"])
        hint = " Nothing in the log is lost: `tp resume last` goes on." if carries_on else ""
        fail(f"Interrupted.{hint}", 130)
    except BrokenPipeError:
        _leave_quietly()
    except Exception as error:
        status = _status(error)
        if status is None:
            raise
        fail(str(error), status)


def fail(text: str, status: int) -> None:
    """One paragraph on stderr, and out."""
    print(f"Error: {text}", file=sys.stderr)
    raise SystemExit(status)


def _leave_quietly() -> None:
    """The reader of our output has gone (`tp show ... | head`): not an error of ours, so nothing is said."""
    # Python writes out what is left when it ends, and would complain of the pipe then.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    raise SystemExit(1)


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
