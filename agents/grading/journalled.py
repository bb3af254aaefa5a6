"""The interface of metrics that ask outside, and the metrics of a task that do."""

from collections.abc import Sequence
from typing import Protocol

from ...prompts.metrics.grade import Grade, Output
from ...prompts.task import Example, Task
from ..messages import CallFailed
from ..models.base import ModelReply, ModelRequest


class JournalledMetric(Protocol):
    """A metric whose value comes from calls, which the log holds like those of a model."""

    @property
    def name(self) -> str:
        """Name of the metric in tables and constraints."""
        ...

    @property
    def model(self) -> str:
        """Name of the model that is asked."""
        ...

    def requests(self, task: Task, example: Example, output: Output) -> Sequence[tuple[str, ModelRequest]]:
        """Return the requests for the grade of one output, each with its subject in a few words."""
        ...

    def again(
        self, asked: Sequence[tuple[str, ModelRequest]], answers: Sequence[ModelReply | CallFailed]
    ) -> Sequence[tuple[str, ModelRequest]]:
        """Return requests to be sent after the answers to `asked`, which were those of `requests`."""
        ...

    def grade(self, answers: Sequence[ModelReply | CallFailed]) -> Grade | None:
        """Return the grade that the answers to `requests` and `again` give; None if they give none."""
        ...
