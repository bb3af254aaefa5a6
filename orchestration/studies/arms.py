"""The arms of a study: how each of them changes the settings of a run."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, get_args

from ...agents.search.settings import StageSettings
from ..errors import ConfigError

Arm = Literal["initial", "target only", "from scratch", "transfer", "experience"]
"""What a run may learn from.

- initial: nothing; the user's own prompts are compared on the held-out examples.
- target only: the target task.
- from scratch: the target task, with the effort of the sources added to its own.
- transfer: the source tasks, then the target task.
- experience: the target task, with the lessons of earlier searches from scratch on each source task.
"""
ARMS: tuple[Arm, ...] = get_args(Arm)
NEED_SOURCES: frozenset[Arm] = frozenset({"from scratch", "transfer", "experience"})
_ADDED = ("steps", "budget", "tokens")
"""Limits of a stage, of which a search from scratch gets those of both stages."""

Settings = dict[str, Any]


def with_arm(settings: Mapping[str, Any], arm: Arm, sources: Sequence[str]) -> Settings:
    """Return the settings of a run with the changes of an arm. Raise `ConfigError` if it has no meaning."""
    source, target = dict(settings.get("source", {})), dict(settings.get("target", {}))
    match arm:
        case "initial":
            search = {**settings.get("search", {}), "seed_prompts": False}
            search.pop("evaluations", None)
            limits = {name: value for name, value in target.items() if name not in ("budget", "tokens")}
            return {**settings, "source": {}, "search": search, "target": {**limits, "steps": 0}}
        case "target only":
            _check_own_limit(settings, target)
            return {**settings, "source": {}}
        case "experience":
            return {**settings, "source": {}}
        case "from scratch":
            return {**settings, "source": {}, "target": _added(source, target)}
        case "transfer":
            return {**settings, "source": {**source, "tasks": list(sources)}}


def _check_own_limit(settings: Mapping[str, Any], target: Mapping[str, Any]) -> None:
    if settings.get("search", {}).get("evaluations") is not None and target.get("budget") is None:
        raise ConfigError(
            'the arm "target only" leaves out what the sources cost, so search.evaluations cannot limit it: '
            "set source.budget and target.budget instead."
        )


def _added(source: Mapping[str, Any], target: Mapping[str, Any]) -> Settings:
    """Return the settings of the target stage with the limits of both stages."""
    found = dict(target)
    for name in _ADDED:
        default = StageSettings.model_fields[name].default
        ours, theirs = target.get(name, default), source.get(name, default)
        if (ours is None) != (theirs is None):
            missing = "target" if ours is None else "source"
            raise ConfigError(
                f'the arm "from scratch" needs {missing}.{name}, because the other stage has it: its limit '
                "is the sum of both."
            )
        if isinstance(ours, int) and isinstance(theirs, int):
            found[name] = ours + theirs
    return found
