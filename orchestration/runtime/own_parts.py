"""Models, functions and programs that a run gets as objects, and not from files and settings."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ...agents.models.base import Model
from ...agents.models.metric_functions import MetricFunction
from ...agents.programs.model import LoadedProgram


@dataclass(frozen=True, slots=True)
class OwnParts:
    """Objects of the caller's that take the place of those that the configuration names.

    The log names them like the others, so only the caller can resume such a run. A replay needs none.
    """

    models: Mapping[str, Model] = field(default_factory=dict)
    """Role -> model."""
    functions: Mapping[tuple[str, str], MetricFunction] = field(default_factory=dict)
    """(task, metric) -> function."""
    programs: Mapping[str, LoadedProgram] = field(default_factory=dict)
    """Task -> program."""


NO_PARTS = OwnParts()
