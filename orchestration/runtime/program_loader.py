"""Load the programs of a run, as its configuration names them. Reading a log never loads any."""

import inspect
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from ...agents.programs.base import Program
from ...agents.programs.failure import ProgramFailed
from ...agents.programs.model import LoadedProgram
from ...agents.programs.outside import program_for
from ...prompts.errors import MetricError
from ...prompts.metrics.own_function import check_parameters, load_object
from ...prompts.program import ProgramSettings
from ..config.functions import program_files
from ..errors import ConfigError

_PARAMETERS = ("example", "prompts", "ask")


def load_programs(programs: Mapping[str, ProgramSettings]) -> dict[str, LoadedProgram]:
    """Return task -> program. Raise `ConfigError` naming the task if one cannot be loaded."""
    return {task: load_program(task, settings) for task, settings in programs.items()}


def load_program(task: str, settings: ProgramSettings) -> LoadedProgram:
    """Return the program of a task; a file is looked up from the working directory.

    Raises `ConfigError` if a file or a program is missing or cannot be loaded.
    """
    if not settings.use:
        return LoadedProgram(_outside(task, settings), _digest(settings), settings)
    name = settings.use.rpartition(":")[2]
    try:
        found = load_object(Path(), settings.use)
        program: Any = found.value() if inspect.isclass(found.value) else found.value
        run = program.run if isinstance(program, Program) else program
        if not callable(run):
            raise MetricError(f"{name!r} in {found.path} is of type {type(run).__name__}, no program.")
        check_parameters(run, name, found.path, _PARAMETERS)
    except MetricError as error:
        raise ConfigError(f"The program of task {task}: {error}") from error
    except Exception as error:
        said = f"{type(error).__name__}: {error}"
        raise ConfigError(f"The program of task {task}: {name}() raised {said}. Correct it.") from error
    return LoadedProgram(program, found.digest[:16], settings)


def _outside(task: str, settings: ProgramSettings) -> Program:
    try:
        return program_for(settings)
    except ProgramFailed as error:
        raise ConfigError(f"The program of task {task}: {error}") from error


def _digest(settings: ProgramSettings) -> str:
    """Return the digest of what is known of a program outside this process: its place and its files."""
    digest = sha256(settings.model_dump_json(include={"url", "command"}).encode())
    for path in program_files(settings):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def texts_of(task: str, program: Any) -> dict[str, str]:
    """Return the texts that a program would use itself. Raise `ConfigError` if it names none."""
    texts = getattr(program, "texts", None)
    if not isinstance(texts, Mapping) or not texts:
        raise ConfigError(
            f"task {task}: its program names no texts. Give them in the configuration, as "
            'texts = { answer = "..." }, or as an attribute `texts` of the program.'
        )
    return {str(name): str(text) for name, text in texts.items()}
