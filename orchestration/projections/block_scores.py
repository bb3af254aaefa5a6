"""The scores that a block of the conversation tells."""

from collections.abc import Iterable

from ...agents.messages import PromptScored
from ...agents.scoring.objective import MAIN
from ...prompts.sums import summed


def block_scores(messages: Iterable[PromptScored]) -> dict[str, float]:
    """Return id -> main metric of each prompt, as the mean over its tasks, in order of first scores."""
    by_task: dict[str, dict[str, float]] = {}
    for message in messages:
        value = message.score.value(MAIN)
        by_task.setdefault(message.candidate, {})[message.task] = (
            message.score.composite if value is None else value
        )
    return {id_: summed(values.values()) / len(values) for id_, values in by_task.items()}
