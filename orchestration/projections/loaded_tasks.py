"""The tasks of a run as views need them: their own prompts, and the names of their metrics."""

from collections.abc import Iterable

from ...agents.scoring.objective import common_title
from ...prompts.candidate import candidate_id
from ...prompts.task import Task

UNKNOWN = "score"
"""Title of the main metric of tasks that were not loaded or were redacted."""


class LoadedTasks:
    """The tasks that were loaded, by name, without their examples."""

    def __init__(self) -> None:
        self._tasks: dict[str, Task] = {}

    def add(self, task: Task) -> None:
        """Enter a task."""
        self._tasks[task.name] = task.model_copy(update={"train": (), "dev": (), "test": ()})

    def initial(self, names: Iterable[str]) -> set[str]:
        """Return the ids of the tasks' own prompts."""
        return {candidate_id(text) for task in self._known(names) for text in task.initial_prompts}

    def title(self, names: Iterable[str]) -> str:
        """Return the main metric of the tasks in the user's words."""
        known = self._known(names)
        return common_title(known) if known else UNKNOWN

    def further(self, names: Iterable[str]) -> tuple[str, ...]:
        """Return the names of the tasks' further metrics."""
        known = self._known(names)
        return tuple(dict.fromkeys(metric.name for task in known for metric in task.metrics[1:]))

    def texts(self, names: Iterable[str]) -> tuple[str, ...]:
        """Return the names of the texts of a prompt; () if a prompt is one text, or they are unknown."""
        found = {task.texts for task in self._known(names)}
        texts = found.pop() if len(found) == 1 else ()
        return texts if len(texts) > 1 else ()

    def _known(self, names: Iterable[str]) -> list[Task]:
        return [self._tasks[name] for name in names if name in self._tasks]
