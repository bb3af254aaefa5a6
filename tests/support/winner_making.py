"""Winners of runs that never took place, for the tests of what is made from a winner."""

from typing import Any

from transfer_prompting.agents.messages import RunStarted
from transfer_prompting.orchestration.config.settings import Config
from transfer_prompting.orchestration.deploy.winner import Winner
from transfer_prompting.prompts.candidate import make_candidate
from transfer_prompting.prompts.task import Task

SERVER = {"provider": "openai", "model": "m", "base_url": "http://127.0.0.1:9/v1"}


def winner_of(
    task: Task, prompt: str, *, model: dict[str, Any] = SERVER, approved: bool = True, **search: Any
) -> Winner:
    """Return a winner without a verdict."""
    config = Config.model_validate(
        {
            "target": {"task": task.name},
            "search": search,
            "models": {"scorer": model, "reference": model},
        }
    )
    started = RunStarted(
        name="r",
        seed=0,
        config=config.model_dump(mode="json", exclude={"log"}),
        source_tasks=(),
        target_tasks=(task.name,),
        models={"scorer": "openai:m"},
        versions={},
    )
    candidate = make_candidate(prompt, "initial").model_copy(update={"text": prompt})
    return Winner("r-0001", candidate, task, config, started, None, None, approved)
