"""What the scorer will ask its model, before any scorer asks it: for estimates and for what is held back."""

from ..agents.models.base import ChatMessage, ModelRequest
from ..agents.search.settings import SearchSettings
from ..prompts.candidate import Candidate
from ..prompts.rendering import question
from ..prompts.task import Example, Task


def scoring_request(
    settings: SearchSettings, candidate: Candidate, task: Task, example: Example
) -> ModelRequest:
    """The request for a candidate's answer to an example."""
    answer, guesses = settings.answer, settings.guesses
    options = task.options(example) if answer != "stated" else None
    stated = answer == "both" or options is None
    text = question(candidate, task, example, stated=stated, guesses=guesses)
    return ModelRequest(
        messages=(ChatMessage(role="user", content=text),),
        max_tokens=settings.max_tokens * (guesses if stated else 1),
        options=options,
        lead="Answer:" if stated and options else None,
    )
