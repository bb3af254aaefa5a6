"""The prompts that a stage begins with."""

from collections.abc import Sequence

from ...prompts.candidate import Candidate, make_candidate
from ...prompts.seeds import seed_library
from ...prompts.task import Task


def initial_prompts(tasks: Sequence[Task]) -> list[Candidate]:
    """Return the tasks' own prompts, in order."""
    return [make_candidate(text, "initial") for task in tasks for text in task.initial_prompts]


def seeds() -> list[Candidate]:
    """Return the library of varied prompts that suit many tasks."""
    return [make_candidate(text, "seed") for text in seed_library().prompts]
