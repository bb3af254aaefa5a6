"""Built-in metrics."""

from ..reading.answers import is_right
from ..task import AnswerType, Example, Task
from .grade import Grade, Output
from .settings import MetricSettings


def default_metric(answer_type: AnswerType) -> MetricSettings:
    """Return the usual metric of a type of answers."""
    return MetricSettings.model_validate("exact")


def grade(settings: MetricSettings, task: Task, example: Example, output: Output) -> Grade:
    """Return the grade of one output."""
    return Grade(float(is_right(output.answer, task, example)))
