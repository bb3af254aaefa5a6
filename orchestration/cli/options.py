"""Arguments that several commands share."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from .. import defaults

LogOption = Annotated[
    Path | None,
    typer.Option(
        "--log",
        help="The event log: a file (by default transfer-prompting.db in this folder) or "
        "postgresql://user@host/database?schema=NAME.",
    ),
]
RunArgument = Annotated[
    str, typer.Argument(help='A run, by its name or the start of it; "last" is the newest.')
]
JsonOption = Annotated[bool, typer.Option("--json", help="Machine-readable output.")]
DisplayOption = Annotated[
    Literal["auto", "live", "plain", "json", "none"],
    typer.Option("--display", help="How to show it; auto: live on a terminal, else plain lines."),
]


def log_path(given: Path | None) -> Path:
    """The log that a command works on."""
    return given or defaults.LOG
