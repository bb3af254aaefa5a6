"""Grade outputs by the built-in metrics, and check the metrics that a task names."""

import math
from difflib import get_close_matches

from pydantic import ValidationError

from ..errors import MetricError
from ..task import AnswerFormat, AnswerType, Example, Task
from ..validation_errors import describe_errors
from .feedback import unreadable
from .golds import golds_of, readable
from .grade import Grade, Output
from .metric import Case, Metric, Options
from .registry import METRICS, NOT_BUILT_IN
from .settings import MetricSettings


def grade(settings: MetricSettings, task: Task, example: Example, output: Output) -> Grade:
    """Return the grade of one output by a built-in metric.

    An output whose answer could not be read is worth 0 to a metric that looks at the answer. Raise
    `MetricError` if the metric is not built in, its options are wrong, or the example allows no grade.
    """
    metric, options = _metric(settings)
    golds = _golds(metric, options, task, example)
    text = _text(metric, options, task, output)
    if text is None:
        return Grade(0.0, unreadable(output))
    return _in_range(metric.grade(options, Case(task, example, output, text, golds)), settings)


def check_metric(settings: MetricSettings, answer: AnswerFormat) -> None:
    """Raise `MetricError`, a `ValueError`, if a task with such answers cannot use the metric.

    The judge and the user's own functions are known, and checked elsewhere.
    """
    if settings.use in NOT_BUILT_IN:
        return
    if settings.function is not None:
        _check_function(settings)
        return
    metric, _ = _metric(settings)
    if answer.type not in metric.fits:
        raise MetricError(
            f'metric "{settings.use}" does not fit answers of type "{answer.type}". {metric.instead}.'
        )


def check_example(settings: MetricSettings, task: Task, example: Example) -> None:
    """Raise `MetricError` naming the example if no output for it could be graded by a built-in metric.

    Such an example lacks a right answer or a column, or has one that the metric cannot use.
    """
    if settings.use in NOT_BUILT_IN or settings.function is not None:
        return
    metric, options = _metric(settings)
    _golds(metric, options, task, example)
    if metric.check is not None:
        metric.check(options, task, example)


def columns_of(settings: MetricSettings) -> tuple[str, ...]:
    """Return the paths of the columns that a built-in metric reads; () for any other metric."""
    if settings.use in NOT_BUILT_IN or settings.function is not None:
        return ()
    return _metric(settings)[1].columns


def needs_gold(settings: MetricSettings) -> bool:
    """Return whether a built-in metric compares with the right answers of the examples."""
    return _metric(settings)[1].needs_gold


def default_metric(kind: AnswerType) -> MetricSettings:
    """Return the usual metric of a kind of answer. Raise `MetricError` for "raw", which has none."""
    if kind == "raw":
        raise MetricError(
            'a task whose answer.type is "raw" must name its metric, such as metric = "rouge_l" or '
            f'metric = "FILE.py:FUNCTION". Built in are: {", ".join(METRICS)}.'
        )
    use = {"list": "set_f1", "json": "json_fields"}.get(kind, "exact")
    return MetricSettings(use=use, name=use)


def metrics_of(task: Task) -> tuple[MetricSettings, ...]:
    """Return the metrics of a task, the main one first: its own, or the usual one of its answers."""
    return task.metrics or (default_metric(task.answer.type),)


def title(settings: MetricSettings, kind: AnswerType) -> str:
    """Return the metric's name for tables and sentences: the user's own, or the one that is common."""
    if settings.name != settings.use or settings.use not in METRICS:
        return settings.name
    if settings.use == "exact" and kind in ("list", "json"):
        return "exact match"
    metric, options = _metric(settings)
    return metric.title_of(options) if metric.title_of else metric.title


def _metric(settings: MetricSettings) -> tuple[Metric[Options], Options]:
    metric = METRICS.get(settings.use)
    if metric is None:
        raise MetricError(_unknown(settings))
    try:
        return metric, metric.options.model_validate(settings.options)
    except ValidationError as error:
        raise MetricError(describe_errors(f'metric "{settings.use}"', error, metric.options)) from error


def _unknown(settings: MetricSettings) -> str:
    if settings.use in NOT_BUILT_IN or settings.function is not None:
        return f'metric "{settings.use}" is not built in: its values come from the model that computes it.'
    close = get_close_matches(settings.use.lower(), (*METRICS, *NOT_BUILT_IN), n=2)
    meant = f"Did you mean {' or '.join(close)}? " if close else ""
    return (
        f'there is no metric "{settings.use}". {meant}Built in are: {", ".join(METRICS)}. Others are '
        '"judge" and a function of your own, "FILE.py:FUNCTION".'
    )


def _check_function(settings: MetricSettings) -> None:
    file, name = settings.function or ("", "")
    if not file.endswith(".py") or not name.isidentifier():
        raise MetricError(
            f'metric "{settings.use}" is no function: write the file and the name of the function, '
            '"FILE.py:FUNCTION".'
        )


def _golds(metric: Metric[Options], options: Options, task: Task, example: Example) -> tuple[str, ...]:
    if not options.needs_gold:
        return ()
    kind = task.answer.type
    golds = golds_of(example, getattr(options, "gold", None), kind)
    return tuple(readable(gold, kind) for gold in golds) if metric.of_texts else golds


def _text(metric: Metric[Options], options: Options, task: Task, output: Output) -> str | None:
    """Return the text that the metric looks at; None if there is no answer."""
    answer = task.answer
    if options.looks_at == "reply" or (answer.type == "raw" and not (answer.marker or answer.pattern)):
        return output.text
    if output.answer is None:
        return None
    return readable(output.answer, answer.type) if metric.of_texts else output.answer


def _in_range(made: Grade, settings: MetricSettings) -> Grade:
    values = (made.value, *made.parts.values())
    assert all(math.isfinite(value) and 0 <= value <= 1 for value in values), (settings.use, values)
    assert made.value == 1 or made.feedback, settings.use
    return made
