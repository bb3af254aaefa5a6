"""The command `completion`."""

import os
from pathlib import Path

import click
from click.shell_completion import get_completion_class

from .app import COMPLETE, app

_SHELLS = ("bash", "zsh", "fish")


@click.command
@click.argument(
    "shell",
    type=click.Choice(_SHELLS),
    required=False,
    help="The shell.  [default: that of the variable SHELL]",
)
def completion(shell: str | None) -> None:
    """Print the script that completes commands in a shell.

    Names of commands, options, files and runs are completed. Put this line into ~/.bashrc or ~/.zshrc:
    eval "$(tp completion)". In fish: tp completion fish | source.
    """
    name = shell or Path(os.environ.get("SHELL", "")).name
    if name not in _SHELLS:
        raise click.UsageError(f"Name the shell: {', '.join(_SHELLS)}.")
    made = get_completion_class(name)
    assert made is not None
    print(made(app, {}, "tp", COMPLETE).source())
