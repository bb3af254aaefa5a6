"""The programs outside this process that settings can name: endpoints and commands."""

import os

from ...prompts.program import ProgramSettings
from .base import Program
from .command_program import CommandProgram
from .failure import ProgramFailed
from .http_program import HttpProgram


def program_for(settings: ProgramSettings) -> Program:
    """Return the program behind the address or the command of the settings.

    Raises `ProgramFailed` for an address that is not http or https and for a variable that is not set, and
    ValueError if the settings name neither.
    """
    if settings.url:
        return HttpProgram(
            settings.url,
            seconds=settings.timeout,
            key=_value(settings.api_key_env),
            headers={name: _value(variable) for name, variable in settings.headers_env.items()},
        )
    if settings.command:
        return CommandProgram(settings.command)
    raise ValueError(f"{settings.use} is a program of this process: import it.")


def _value(variable: str) -> str:
    """Return the value of an environment variable; "" without a name.

    Raises `ProgramFailed` if the variable is not set.
    """
    value = os.environ.get(variable, "").strip() if variable else ""
    if variable and not value:
        raise ProgramFailed(
            f"The environment variable {variable} is not set. Put the endpoint's key into it."
        )
    return value
