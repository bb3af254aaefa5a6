"""Remarks on a task whose data have fewer examples than the configuration asks for."""

from collections.abc import Iterator

from ...agents.search.settings import StageSettings
from ...prompts.task import Task


def shortfalls(task: Task, stage: StageSettings) -> Iterator[str]:
    """Yield a sentence for each number of examples that is set in `stage` and larger than what there is."""
    kinds = {"examples": (task.dev, "development"), "test_examples": (task.test, "held-out")}
    if getattr(stage, "fold", None):
        del kinds["test_examples"]  # The whole fold is held out.
    for key, (examples, kind) in kinds.items():
        wanted = getattr(stage, key, 0)
        if key in stage.model_fields_set and len(examples) < wanted:
            yield (
                f"task {task.name}: {key} = {wanted}, but its data have {len(examples)} {kind} examples. All "
                "of them are used."
            )
