"""What a metric needs of the data: columns, and the right answer."""

from ..metrics.settings import MetricSettings

_COLUMN_OPTIONS = ("gold",)
"""Options of metrics that name a column."""
_CONSTANT = ("length", "regex", "not_contains", "instructions", "judge")
"""Metrics that look at the output alone."""


def metric_columns(metric: MetricSettings) -> tuple[str, ...] | None:
    """Return the columns that a metric looks at; None if it may look at any, as a function of the user's may.

    The option `columns` of a metric declares them.
    """
    declared = metric.options.get("columns")
    if declared is None and metric.function:
        return None
    named = [declared] if isinstance(declared, str) else list(declared or ())
    named += [metric.options[key] for key in _COLUMN_OPTIONS if isinstance(metric.options.get(key), str)]
    return tuple(dict.fromkeys(str(name) for name in named))


def compares_with_gold(metric: MetricSettings) -> bool:
    """Return whether a metric compares outputs with the right answers of the examples."""
    if metric.function:
        return False
    if metric.use in _CONSTANT:
        return metric.options.get("gold") is True
    if metric.use == "contains" and metric.options.get("values"):
        return False
    return not isinstance(metric.options.get("gold"), str)
