"""What can be wrong with a task or its data."""


class TaskError(Exception):
    """A task that cannot be used; the message names the place and the mend."""
