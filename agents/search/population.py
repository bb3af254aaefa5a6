"""The prompts that a stage begins with."""

from collections.abc import Sequence

from ...prompts.candidate import Candidate, make_candidate
from ...prompts.integrity import breach_of_any
from ...prompts.seeds import seed_library
from ...prompts.task import Task


def initial_prompts(tasks: Sequence[Task]) -> list[Candidate]:
    """Return the tasks' own prompts, in order."""
    return [make_candidate(text, "initial") for task in tasks for text in task.initial_prompts]


def seeds(tasks: Sequence[Task] = ()) -> list[Candidate]:
    """Return the prompts of the library that suit the tasks and keep their contracts."""
    fitting = seed_library().prompts_for(tasks)
    return [make_candidate(text, "seed") for text in fitting if breach_of_any(tasks, text) is None]
