"""Find and fingerprint the code that a configuration names, without importing any of it."""

from collections.abc import Mapping
from hashlib import sha256
from importlib import metadata
from importlib.machinery import PathFinder
from importlib.util import find_spec
from pathlib import Path

from ..config.functions import program_files
from ..config.role_settings import ENTRY_POINTS
from ..config.settings import Config

Fingerprints = Mapping[str, str | None]
"""Key of the configuration -> SHA-256 of the file of the code; None if there is no such file."""


def fingerprints(config: Config) -> dict[str, str | None]:
    """Return the fingerprints of roles, metric functions, programs and factories of AutoGen clients."""
    found = {
        f"roles.{name}": _digest(_role_file(settings.use or name)) for name, settings in config.roles.items()
    }
    for name, use in config.functions.items():
        found[f"functions.{name}"] = _digest(Path(use.rpartition(":")[0]))
    for task, program in config.programs.items():
        found |= {f"programs.{task}.{path.name}": _digest(path) for path in program_files(program)}
    for role, model in config.models:
        if model and model.provider == "autogen":
            found[f"models.{role}"] = _digest(_module_file(model.model.partition(":")[0]))
    return found


def same_code(approved: Fingerprints, now: Fingerprints) -> bool:
    """Return whether all code that is here is the approved one. Code that is missing cannot run."""
    return all(digest is None or approved.get(key) == digest for key, digest in now.items())


def _role_file(use: str) -> Path | None:
    if ":" not in use:
        offered = {point.name: point for point in metadata.entry_points(group=ENTRY_POINTS)}
        return _module_file(offered[use].module) if use in offered else None
    place = use.rpartition(":")[0]
    return Path(place) if place.endswith(".py") else _module_file(place)


def _module_file(name: str) -> Path | None:
    """Return the file of a module. Finding a submodule by `find_spec` alone would import its package."""
    top, *inner = name.split(".")
    try:
        spec = find_spec(top)
    except (ImportError, ValueError):
        return None
    for part in inner:
        if spec is None or spec.submodule_search_locations is None:
            return None
        spec = PathFinder.find_spec(f"{spec.name}.{part}", spec.submodule_search_locations)
    return Path(spec.origin) if spec is not None and spec.origin else None


def _digest(path: Path | None) -> str | None:
    if path is None or not path.is_file():
        return None
    try:
        return sha256(path.read_bytes()).hexdigest()
    except OSError:
        return None
