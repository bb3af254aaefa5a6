"""What a metric needs of the data: columns, and the right answer."""

from ..metrics import builtin
from ..metrics.judge_options import JUDGE, judge_options
from ..metrics.settings import MetricSettings
from ..task import AnswerFormat


def check_metric(metric: MetricSettings, answer: AnswerFormat) -> None:
    """Raise `MetricError`, a `ValueError`, if a task with such answers cannot use the metric."""
    if metric.use == JUDGE:
        judge_options(metric)
    builtin.check_metric(metric, answer)


def metric_columns(metric: MetricSettings) -> tuple[str, ...] | None:
    """Return the columns that a metric looks at; None if it may look at any, as a function of the user's may.

    The option `columns` of a function declares them.
    """
    if metric.function is not None:
        declared = metric.options.get("columns")
        return (
            None
            if declared is None
            else tuple(map(str, [declared] if isinstance(declared, str) else declared))
        )
    return judge_options(metric).columns if metric.use == JUDGE else builtin.columns_of(metric)


def compares_with_gold(metric: MetricSettings) -> bool:
    """Return whether a metric compares outputs with the examples' own right answers, not with a column."""
    if metric.function is not None:
        return False
    if metric.use == JUDGE:
        return judge_options(metric).needs_gold
    return builtin.needs_gold(metric) and "gold" not in metric.options
