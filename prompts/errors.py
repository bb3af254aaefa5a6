"""Errors of tasks, their data, and rubrics."""

from ..storage.errors import TransferPromptingError


class TaskError(TransferPromptingError):
    """A task or its data cannot be used. The message names the place and the remedy."""


class RubricError(TransferPromptingError, ValueError):
    """A rubric cannot be used. The message names the file, the key and the remedy."""


class MetricError(TransferPromptingError, ValueError):
    """A metric cannot be used or has no value for an example. The message names the remedy."""
