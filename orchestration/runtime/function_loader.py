"""Load the metric functions of a run, as its configuration names them. Reading a log never loads any."""

from collections.abc import Mapping
from pathlib import Path

from ...agents.models.metric_functions import MetricFunction
from ...prompts.errors import MetricError
from ...prompts.metrics.own_function import load_function
from ..errors import ConfigError


def load_functions(functions: Mapping[str, str]) -> dict[tuple[str, str], MetricFunction]:
    """Return (task, metric) -> function of "TASK.METRIC" -> "FILE.py:FUNCTION".

    Raises `ConfigError` naming the metric if a file or a function is missing or cannot be loaded.
    """
    loaded: dict[tuple[str, str], MetricFunction] = {}
    for name, use in functions.items():
        task, _, metric = name.rpartition(".")
        try:
            function = load_function(Path(), use)
        except MetricError as error:
            raise ConfigError(f"The metric {metric} of task {task}: {error}") from error
        loaded[task, metric] = MetricFunction(function.call, function.digest[:16])
    return loaded
