"""What can be wrong with a task, its data, or a rubric."""

from ..storage.errors import TransferPromptingError


class TaskError(TransferPromptingError):
    """A task that cannot be used; the message names the place and the mend."""


class RubricError(TransferPromptingError, ValueError):
    """A rubric that cannot be used; the message names the file, the key and the mend."""
