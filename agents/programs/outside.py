"""The programs outside this process that settings can name: endpoints and commands."""

from ...prompts.program import ProgramSettings
from .base import Program
from .command_program import CommandProgram
from .http_program import HttpProgram


def program_for(settings: ProgramSettings) -> Program:
    """Return the program behind the address or the command of the settings.

    Raises `ProgramFailed` for an address that is not http or https, and ValueError if the settings name
    neither.
    """
    if settings.url:
        return HttpProgram(settings.url, seconds=settings.timeout)
    if settings.command:
        return CommandProgram(settings.command)
    raise ValueError(f"{settings.use} is a program of this process: import it.")
