"""The prompts that a stage begins with."""

from collections.abc import Iterable, Sequence

from ...prompts.candidate import Candidate, make_candidate
from ...prompts.integrity import breach_of
from ...prompts.seeds import seed_library
from ...prompts.task import Task


def initial_prompts(tasks: Sequence[Task]) -> list[Candidate]:
    """Return the tasks' own prompts, in order."""
    return [make_candidate(text, "initial") for task in tasks for text in task.initial_prompts]


def seeds(tasks: Sequence[Task] = ()) -> list[Candidate]:
    """Return the prompts of the library that suit the tasks and keep their contracts."""
    fitting = seed_library().prompts_for(tasks)
    return [make_candidate(text, "seed") for text in fitting if breach_of_any(text, tasks) is None]


def breach_of_any(prompt: str, tasks: Iterable[Task]) -> str | None:
    """Return how a prompt breaks the contract of one of the tasks, in words; None if it keeps all."""
    return next((breach for task in tasks if (breach := breach_of(task, prompt))), None)
