"""Demands of a configuration on this computer: load code, read variables, connect and write files."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from os.path import abspath

from ...agents.models.registry import ModelSettings
from ...prompts.program import ProgramSettings
from ..config.role_settings import RoleSettings
from ..config.settings import Config

_SEND_VARIABLE = "read an environment variable and send its value to that server"


@dataclass(frozen=True, slots=True)
class Demand:
    """One act, with the setting that demands it."""

    act: str
    key: str
    """Dotted key of the configuration."""
    value: str
    detail: str = ""

    @property
    def line(self) -> str:
        """The demand as one line. Text of the log is escaped, so that it cannot imitate other text."""
        return f"{self.act}: {self.key} = {_escaped(self.value)}{self.detail}"


def role_demands(config: Config) -> list[Demand]:
    """Return what acting the roles again demands, which needs no model."""
    return [_role(name, settings) for name, settings in config.roles.items()]


def all_demands(config: Config) -> list[Demand]:
    """Return what carrying out the run demands: code of its roles, metrics and programs, and its models."""
    used = ((role, model) for role, model in config.models if model)
    functions = [_function(name, use) for name, use in config.functions.items()]
    programs = [demand for task, program in config.programs.items() for demand in _program(task, program)]
    models = (demand for role, model in used for demand in _model(role, model))
    return [*role_demands(config), *functions, *programs, *models]


def _role(name: str, settings: RoleSettings) -> Demand:
    use = settings.use or name
    place = use.rpartition(":")[0]
    detail = f" (the file {_escaped(abspath(place))})" if place.endswith(".py") else ""
    own = f" with the settings {_escaped(settings.own)}" if settings.own else ""
    return Demand("load and run code", f"roles.{name}.use", use, detail + own)


def _function(name: str, use: str) -> Demand:
    return _code(f"functions.{name}", use)


def _program(task: str, program: ProgramSettings) -> Iterator[Demand]:
    key = f"programs.{task}"
    if program.url:
        yield Demand("send the rows of a task to a server", f"{key}.url", program.url)
        variables = {"api_key_env": program.api_key_env} if program.api_key_env else {}
        variables |= {f"headers_env.{_escaped(name)}": one for name, one in program.headers_env.items()}
        for name, variable in variables.items():
            yield Demand(_SEND_VARIABLE, f"{key}.{name}", variable)
    elif program.command:
        yield Demand("run a command", f"{key}.command", " ".join(program.command))
    else:
        yield _code(f"{key}.use", program.use)


def _code(key: str, use: str) -> Demand:
    place = use.rpartition(":")[0]
    return Demand("load and run code", key, use, f" (the file {_escaped(abspath(place))})")


def _model(role: str, settings: ModelSettings) -> Iterator[Demand]:
    key, name = f"models.{role}", settings.model
    if settings.provider == "ray":
        address = settings.address or "auto"  # That of the user's own variable, or else this computer.
        yield Demand("run programs on a Ray cluster", f"{key}.address", address)
    revision = f" (revision {_escaped(settings.revision)})" if settings.revision else ""
    match settings.runs:
        case "smollm2":
            return
        case "human":
            if settings.answers:
                place = f" (the folder {_escaped(abspath(settings.answers))})"
                yield Demand("write and read files in a folder", f"{key}.answers", settings.answers, place)
        case "openai":
            for url in settings.base_urls:
                yield Demand("send requests to a server", f"{key}.base_url", url, f", model {_escaped(name)}")
            yield Demand(_SEND_VARIABLE, f"{key}.api_key_env", settings.api_key_env)
        case "dspy":
            yield Demand("send requests to a model that DSPy finds, with its key", f"{key}.model", name)
        case "autogen":
            yield Demand("load and call code", f"{key}.model", name)
        case _:
            act = "load the files of a model, or download them if they are not here"
            yield Demand(act, f"{key}.model", name, revision)


def _escaped(value: object) -> str:
    """Return a value in ASCII: control characters and other scripts become escapes."""
    return json.dumps(value, ensure_ascii=True, default=str)
