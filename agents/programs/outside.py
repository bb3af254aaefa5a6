"""The programs outside this process that settings can name: endpoints and commands."""

from pathlib import Path

from ...prompts.program import ProgramSettings
from .base import Program
from .command_program import CommandProgram
from .http_program import HttpProgram


def program_for(settings: ProgramSettings, folder: Path | None = None) -> Program:
    """Return the program behind the address or the command of the settings.

    A command runs in `folder`, by default the working directory. Raises `ProgramFailed` for an address that
    is not http or https, and ValueError if the settings name neither.
    """
    if settings.url:
        return HttpProgram(settings.url, seconds=settings.timeout)
    if settings.command:
        return CommandProgram(settings.command, folder)
    raise ValueError(f"{settings.use} is a program of this process: import it.")
