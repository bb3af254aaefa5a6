"""Load roles that are not built in, by file, module or entry point, and register their message kinds.

Roles are loaded only to start, resume, fork or replay a run, as its configuration names them. Reading a log
never imports the roles that it names.
"""

import hashlib
import importlib
import importlib.machinery
import importlib.util
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

from pydantic import ValidationError

from ...agents.messages.codec import KindTaken, register
from ...agents.roles.base import Role
from ...prompts.validation_errors import describe_errors
from ..config.role_settings import ENTRY_POINTS, RoleSettings
from ..errors import ConfigError

GROUP = ENTRY_POINTS


@dataclass(frozen=True, slots=True)
class LoadedRole:
    """A role that takes part in a run, with its settings."""

    name: str
    cls: type[Role]
    settings: Any
    version: str
    """Distribution with its version, if it has one, and the digest of the source file."""

    def make(self) -> Role:
        """Return a new instance of the role."""
        role = self.cls(self.settings)
        role.name = self.name
        return role


def load_roles(roles: Mapping[str, RoleSettings]) -> list[LoadedRole]:
    """Load the roles of a configuration, in its order, and register their message kinds.

    Raises `ConfigError` if a role is missing or invalid.
    """
    return [_load(name, settings) for name, settings in roles.items()]


def role_versions(roles: Mapping[str, RoleSettings]) -> dict[str, str]:
    """Return the version of each role's code that a log records, under "role NAME"."""
    return {f"role {role.name}": role.version for role in load_roles(roles)}


def _load(name: str, settings: RoleSettings) -> LoadedRole:
    try:
        cls, distribution = find_class(settings.use or name)
        check_class(cls)
        own = cls.Settings.model_validate(settings.own)
    except ValidationError as error:
        raise ConfigError(describe_errors(f"roles.{name}", error, cls.Settings)) from error
    except (RoleNotFound, KindTaken) as error:
        raise ConfigError(f"roles.{name}: {error}") from error
    digest = hashlib.sha256(_source(cls).read_bytes()).hexdigest()[:16]
    return LoadedRole(name, cls, own, f"{distribution} sha256:{digest}".strip())


class RoleNotFound(Exception):
    """A role that does not exist or cannot be used; the message names the remedy."""


def find_class(use: str) -> tuple[type[Role], str]:
    """Return the class that `use` names (see `RoleSettings.use`), and its distribution with version or ""."""
    if ":" not in use:
        return _from_entry_point(use)
    place, _, name = use.rpartition(":")
    if place.endswith(".py"):
        return _class_in(_from_file(Path(place)), name, use), ""
    module = _import(place)
    return _class_in(module, name, use), _distribution(module.__name__)


def roles_in(module: ModuleType) -> list[type[Role]]:
    """Return the roles that a module defines, without those that it imports."""
    own = (value for value in vars(module).values() if isinstance(value, type))
    return [cls for cls in own if issubclass(cls, Role) and cls.__module__ == module.__name__]


def find_only(use: str) -> str:
    """Return `use` with its class added, if it names a file or module that holds exactly one role."""
    if ":" in use or not (use.endswith(".py") or "." in use):
        return use
    module = _from_file(Path(use)) if use.endswith(".py") else _import(use)
    found = roles_in(module)
    if len(found) != 1:
        names = ", ".join(cls.__name__ for cls in found) or "none"
        raise RoleNotFound(f"{use} holds {len(found)} roles ({names}). Name one: {use}:CLASS")
    return f"{use}:{found[0].__name__}"


def check_class(cls: type[Role]) -> None:
    """Register the role's message kinds. Raise `RoleNotFound` or `KindTaken` if the role is unusable."""
    if not cls.hears():
        raise RoleNotFound(
            f"{cls.__name__} handles no message: give it an async method with @message_handler."
        )
    register((*cls.hears(), *cls.says))


def _from_entry_point(name: str) -> tuple[type[Role], str]:
    offered = {point.name: point for point in metadata.entry_points(group=GROUP)}
    if name not in offered:
        known = f"Installed are: {', '.join(sorted(offered))}." if offered else "None is installed."
        raise RoleNotFound(
            f"no installed package offers a role {name!r}. {known} Install the package that does, or name "
            'the file of the role: use = "FILE.py:CLASS".'
        )
    point = offered[name]
    dist = f"{point.dist.name} {point.dist.version}" if point.dist else ""
    return _class_in(_import(point.module), point.attr, point.value), dist


def _import(name: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise RoleNotFound(f"{name} cannot be imported: {error}. Install its package.") from error


def _from_file(path: Path) -> ModuleType:
    try:
        digest = hashlib.sha256(path.resolve().as_posix().encode() + path.read_bytes()).hexdigest()[:16]
    except OSError as error:
        raise RoleNotFound(
            f"{path} cannot be read: {error.strerror}. Put the file of the role there."
        ) from error
    name = f"transfer_prompting_role_{digest}"
    if name not in sys.modules:
        loader = _SourceLoader(name, str(path))
        spec = importlib.util.spec_from_file_location(name, path, loader=loader)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module  # before it runs, because its annotations are looked up there
        try:
            spec.loader.exec_module(module)
        except BaseException as error:
            del sys.modules[name]
            if not isinstance(error, Exception):
                raise
            raise RoleNotFound(f"{path} cannot be loaded: {type(error).__name__}: {error}") from error
    return sys.modules[name]


class _SourceLoader(importlib.machinery.SourceFileLoader):
    """Compiles the file itself: a file in __pycache__ next to it may hold other code than was approved."""

    def get_code(self, fullname: str) -> CodeType:
        path = self.get_filename(fullname)
        code: CodeType = self.source_to_code(self.get_data(path), path)
        return code


def _class_in(module: ModuleType, name: str, use: str) -> type[Role]:
    found = getattr(module, name, None)
    if not (isinstance(found, type) and issubclass(found, Role)):
        known = ", ".join(cls.__name__ for cls in roles_in(module)) or "no role"
        raise RoleNotFound(f"{use}: {name!r} is not a role. The file holds {known}.")
    return found


@cache
def _distribution(module: str) -> str:
    # Cached, because this reads the file list of every installed package, which takes a second.
    for name in metadata.packages_distributions().get(module.partition(".")[0], ()):
        return f"{name} {metadata.version(name)}"
    return ""


def _source(cls: type[Role]) -> Path:
    return Path(str(sys.modules[cls.__module__].__file__))
