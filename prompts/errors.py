"""What can be wrong with a task, its data, or a rubric."""


class TaskError(Exception):
    """A task that cannot be used; the message names the place and the mend."""


class RubricError(ValueError):
    """A rubric that cannot be used; the message names the file, the key and the mend."""
