"""Roles that are not built in: found by file, module or entry point, checked, and made known.

Only a run that is begun, resumed, forked or replayed loads them, as its configuration says. Reading a log
never does: nothing that a log names is imported to look at it.
"""

import hashlib
import importlib
import importlib.util
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path
from types import ModuleType
from typing import Any

from pydantic import ValidationError

from ...agents.messages.codec import KindTaken, register
from ...agents.roles.base import Role
from ..config.role_settings import RoleSettings
from ..errors import ConfigError

GROUP = "transfer_prompting.roles"
"""The entry points by which a package offers roles."""


@dataclass(frozen=True, slots=True)
class LoadedRole:
    """A role that takes part in a run, and its settings."""

    name: str
    cls: type[Role]
    settings: Any
    version: str
    """Distribution and version, where it has one, and the digest of its source file."""

    def make(self) -> Role:
        """A new instance."""
        role = self.cls(self.settings)
        role.name = self.name
        return role


def load_roles(roles: Mapping[str, RoleSettings]) -> list[LoadedRole]:
    """The roles of a configuration, in its order, their message kinds registered.

    Raises `ConfigError` naming the table and the mend for one that is missing or does not do.
    """
    return [_load(name, settings) for name, settings in roles.items()]


def role_versions(roles: Mapping[str, RoleSettings]) -> dict[str, str]:
    """ "role NAME" -> what a log records of its code."""
    return {f"role {role.name}": role.version for role in load_roles(roles)}


def _load(name: str, settings: RoleSettings) -> LoadedRole:
    try:
        cls, distribution = find_class(settings.use or name)
        check_class(cls)
        own = cls.Settings.model_validate(settings.own)
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise ConfigError(f"roles.{name}: {faults}") from error
    except (RoleNotFound, KindTaken) as error:
        raise ConfigError(f"roles.{name}: {error}") from error
    digest = hashlib.sha256(_source(cls).read_bytes()).hexdigest()[:16]
    return LoadedRole(name, cls, own, f"{distribution} sha256:{digest}".strip())


class RoleNotFound(Exception):
    """There is no such role, or it cannot be used; says what to do."""


def find_class(use: str) -> tuple[type[Role], str]:
    """The class that `use` names (see `RoleSettings.use`), and its distribution with the version, or ""."""
    if ":" not in use:
        return _from_entry_point(use)
    place, _, name = use.rpartition(":")
    if place.endswith(".py"):
        return _class_in(_from_file(Path(place)), name, use), ""
    module = _import(place)
    return _class_in(module, name, use), _distribution(module.__name__)


def roles_in(module: ModuleType) -> list[type[Role]]:
    """The roles that a module defines, those that it imports aside."""
    own = (value for value in vars(module).values() if isinstance(value, type))
    return [cls for cls in own if issubclass(cls, Role) and cls.__module__ == module.__name__]


def find_only(use: str) -> str:
    """`use` with its class: a file or module may be named without one where it holds one role alone."""
    if ":" in use or not (use.endswith(".py") or "." in use):
        return use
    module = _from_file(Path(use)) if use.endswith(".py") else _import(use)
    found = roles_in(module)
    if len(found) != 1:
        names = ", ".join(cls.__name__ for cls in found) or "none"
        raise RoleNotFound(f"{use} holds {len(found)} roles ({names}). Name one: {use}:CLASS")
    return f"{use}:{found[0].__name__}"


def check_class(cls: type[Role]) -> None:
    """Make the role's kinds known. Raises `RoleNotFound`, `KindTaken` for what cannot take part."""
    if not cls.hears():
        raise RoleNotFound(f"{cls.__name__} hears nothing: give it an async method with @message_handler.")
    register((*cls.hears(), *cls.says))


def _from_entry_point(name: str) -> tuple[type[Role], str]:
    offered = {point.name: point for point in metadata.entry_points(group=GROUP)}
    if name not in offered:
        there = f"Installed are: {', '.join(sorted(offered))}." if offered else "None is installed."
        raise RoleNotFound(
            f"no installed package offers a role {name!r}. {there} Install the package that does, or say "
            'where the role is: use = "FILE.py:CLASS".'
        )
    point = offered[name]
    dist = f"{point.dist.name} {point.dist.version}" if point.dist else ""
    return _class_in(_import(point.module), point.attr, point.value), dist


def _import(name: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise RoleNotFound(f"{name} cannot be imported: {error}. Install the package it is in.") from error


def _from_file(path: Path) -> ModuleType:
    try:
        digest = hashlib.sha256(path.resolve().as_posix().encode() + path.read_bytes()).hexdigest()[:16]
    except OSError as error:
        raise RoleNotFound(f"{path} cannot be read: {error.strerror}. Put the role's file there.") from error
    name = f"transfer_prompting_role_{digest}"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module  # before it runs: its annotations are looked up there
        try:
            spec.loader.exec_module(module)
        except BaseException as error:
            del sys.modules[name]
            if not isinstance(error, Exception):
                raise
            raise RoleNotFound(f"{path} cannot be loaded: {type(error).__name__}: {error}") from error
    return sys.modules[name]


def _class_in(module: ModuleType, name: str, use: str) -> type[Role]:
    found = getattr(module, name, None)
    if not (isinstance(found, type) and issubclass(found, Role)):
        there = ", ".join(cls.__name__ for cls in roles_in(module)) or "no role"
        raise RoleNotFound(f"{use}: {name!r} is no role there. The file holds {there}.")
    return found


@cache
def _distribution(module: str) -> str:
    # Asked once for a module: every file of every installed package is looked at, which takes a second.
    for name in metadata.packages_distributions().get(module.partition(".")[0], ()):
        return f"{name} {metadata.version(name)}"
    return ""


def _source(cls: type[Role]) -> Path:
    return Path(str(sys.modules[cls.__module__].__file__))
