"""The program `tp`: its commands, and how errors become messages and exit statuses."""

import os
import sys
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

import click

from ... import __version__
from ...storage.errors import LogFull, TransferPromptingError
from ..console.streams import OutputError, guard_standard_streams


class LazyCommand(NamedTuple):
    """A command that has not been imported yet."""

    place: str
    """Module of this folder and attribute, such as "run:run"."""
    summary: str
    """First sentence of its help; a test compares the two."""


GROUPS = {
    "Find a prompt": {
        "init": LazyCommand("init:init", "Write a commented configuration file to start from."),
        "run": LazyCommand("run:run", "Find a better prompt for a task."),
        "resume": LazyCommand("resume:resume", "Continue a run that stopped early."),
        "cross-validate": LazyCommand(
            "cross_validate:cross_validate",
            "Measure the gain of the search on all rows, in k folds.",
        ),
        "study": LazyCommand("study:study", "Carry out a table of runs: targets, models, arms and seeds."),
    },
    "Look at a run": {
        "runs": LazyCommand("runs:runs", "List the runs in a log."),
        "watch": LazyCommand("watch:watch", "Follow a run live from another terminal."),
        "replay": LazyCommand("replay:replay", "Play a run again without calling a model."),
        "show": LazyCommand("show:show", "Show the result of a run, one prompt, or one event."),
        "why": LazyCommand("why:why", "Explain one prompt: its origin, its scores and its fate."),
        "cost": LazyCommand("cost:cost", "Show what a run cost and where its time went."),
        "report": LazyCommand("report:report", "Write a run as one HTML page that opens offline."),
        "serve": LazyCommand("serve:serve", "Show the runs of a log in a browser, live."),
        "audit": LazyCommand(
            "audit:audit_command",
            "List right answers in the data that look wrong.",
        ),
        "compare": LazyCommand("compare:compare", "Compare the results, costs and settings of several runs."),
        "diff": LazyCommand("diff:diff", "Find the first difference between two runs."),
        "experience": LazyCommand(
            "experience:experience", "Show what all runs of a log have taught about a model."
        ),
    },
    "Use the result": {
        "best": LazyCommand("best:best", "Print the best prompt of a run, ready to use."),
        "try": LazyCommand("try_rows:try_rows", "Answer new rows with the best prompt of a run."),
        "migrate": LazyCommand("migrate:migrate", "Carry the prompts of a finished run to another model."),
    },
    "Work with the log": {
        "fork": LazyCommand("fork:fork", "Start a new run from a point inside another run."),
        "verify": LazyCommand("verify:verify", "Check that a log is complete and unchanged."),
        "export": LazyCommand("export:export", "Write a run to a file, or send it to an experiment tracker."),
        "import": LazyCommand("import_run:import_run", "Add an exported run to a log."),
        "redact": LazyCommand("redact:redact", "Erase the content of one event for good."),
        "project": LazyCommand("project:project", "Write a run into SQL tables next to the log."),
    },
    "Set up and extend": {
        "tasks": LazyCommand("tasks:tasks", "List the example tasks that come with the program."),
        "doctor": LazyCommand("doctor:doctor", "Show what is installed and which models can run here."),
        "check-role": LazyCommand(
            "check_role:check_role", "Test a role that you wrote against the rules for roles."
        ),
        "calibrate-judge": LazyCommand(
            "calibrate_judge:calibrate_judge",
            "Compare the judge of a task with people.",
        ),
        "schema": LazyCommand("schema:schema", "Print the JSON schema of a command's --json output."),
        "completion": LazyCommand(
            "completion:completion", "Print the script that completes commands in a shell."
        ),
    },
}
"""Heading of the help -> commands under it by name, in the order in which a newcomer needs them."""
COMMANDS = {name: command for group in GROUPS.values() for name, command in group.items()}
"""Name -> command."""
COMPLETE = "_TP_COMPLETE"
"""Variable by which the script of `tp completion` asks for completions."""
_RESUME = "`tp resume last` continues the run"
_HINTS = {
    "run": _RESUME,
    "resume": _RESUME,
    "migrate": _RESUME,
    "cross-validate": "the same command goes on",
    "study": "`tp study resume` goes on",
}
"""Command -> what continues it after an interruption."""


class LazyGroup(click.Group):
    """A group that imports a command only when the command is called, so that `tp --help` starts fast."""

    def __init__(self, *args: Any, lazy: Mapping[str, LazyCommand], **settings: Any) -> None:
        super().__init__(*args, **settings)
        self._lazy = lazy

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order of the table."""
        return list(self._lazy)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return a command, or return None if there is none of that name."""
        if cmd_name not in self._lazy:
            return None
        module, _, attribute = self._lazy[cmd_name].place.partition(":")
        command: click.Command = getattr(import_module(f".{module}", __package__), attribute)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that `args` name. The error for an unknown one suggests similar names."""
        try:
            return super().resolve_command(ctx, args)
        except click.exceptions.NoSuchCommand as error:
            names = self.list_commands(ctx)
            raise click.exceptions.NoSuchCommand(error.command_name, possibilities=names, ctx=ctx) from None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands in groups without importing them."""
        widest = max(map(len, self._lazy))
        for heading, commands in GROUPS.items():
            with formatter.section(heading):
                formatter.write_dl([(name.ljust(widest), one.summary) for name, one in commands.items()])


@click.group(cls=LazyGroup, lazy=COMMANDS)
@click.version_option(__version__, prog_name="tp", message="%(prog)s %(version)s")
def app() -> None:
    """Find the best prompt for a task.

    Agents propose, score and promote prompts. Everything they say is kept in an event log, so a run can be
    watched, replayed, explained and resumed. To see one: tp replay demo
    """


def main() -> None:
    """Run the program.

    Exit status: 0 done, 1 the run failed or the output cannot be written, 2 wrong input, 130 interrupted.
    """
    if instruction := os.environ.get(COMPLETE):
        from click.shell_completion import shell_complete

        raise SystemExit(shell_complete(app, {}, "tp", COMPLETE, instruction))
    guard_standard_streams()
    try:
        try:
            _call_command()
        finally:
            sys.stdout.flush()
    except OutputError as error:
        if error.reader_has_gone:
            raise SystemExit(1) from None
        fail(f"The output cannot be written: {error.strerror}. Nothing in the log is lost.", 1)


def _call_command() -> None:
    try:
        # `app()` would turn Ctrl-C into "Aborted!" and lose the status.
        with app.make_context(Path(sys.argv[0]).name, sys.argv[1:]) as context:
            app.invoke(context)
    except click.exceptions.Exit as ended:
        raise SystemExit(ended.exit_code) from None
    except click.ClickException as error:
        # Click would write to the stream below the guarded one.
        error.show(sys.stderr)
        raise SystemExit(error.exit_code) from None
    except KeyboardInterrupt:
        hint = _HINTS.get(next(iter(sys.argv[1:2]), ""))
        fail(f"Interrupted. Nothing in the log is lost: {hint}." if hint else "Interrupted.", 130)
    except TransferPromptingError as error:
        fail(str(error), exit_status(error))


def fail(text: str, status: int) -> None:
    """Print an error on stderr and leave the program."""
    print(f"Error: {text}", file=sys.stderr)
    raise SystemExit(status)


def exit_status(error: TransferPromptingError) -> int:
    """Return 1 if a run failed, and 2 if the input must change first."""
    # Imported here because no command that succeeds needs it, and it loads pydantic.
    from ...agents.models.base import ModelError
    from ..errors import ConfigError, OrchestrationError

    failed = isinstance(error, OrchestrationError | ModelError | LogFull)
    return 1 if failed and not isinstance(error, ConfigError) else 2
