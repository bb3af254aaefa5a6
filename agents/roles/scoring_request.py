"""The request for a candidate's answer to one example, for the scorer and for estimates of its cost."""

from ...prompts.candidate import Candidate
from ...prompts.reading.guesses import wanted_guesses
from ...prompts.request import request_turns
from ...prompts.task import Example, Task
from ..models.base import ChatMessage, ModelRequest
from ..programs.request import program_request
from ..search.settings import SearchSettings


def scoring_request(
    settings: SearchSettings, candidate: Candidate, task: Task, example: Example
) -> ModelRequest:
    """Return the request by which the scorer asks its model for the candidate's answer to an example."""
    if task.program:
        return program_request(task, candidate, example, settings.answer_tokens(task))
    framed = task.frame == "answer+confidence"
    # Only the usual frame has a place where the options can be rated beside a stated answer.
    answer = "stated" if settings.answer == "both" and not framed else settings.answer
    guesses = settings.guesses if framed else 1
    options = task.options(example) if answer != "stated" else None
    stated = answer == "both" or options is None
    turns = request_turns(candidate.text, task, example, stated=stated, guesses=guesses)
    return ModelRequest(
        messages=tuple(ChatMessage(role=turn.role, content=turn.content) for turn in turns),
        max_tokens=settings.answer_tokens(task, stated=stated),
        options=options,
        json_schema=settings.schema_for(task),
        lead=_lead(wanted_guesses(task, example, guesses)) if stated and options else None,
    )


def _lead(guesses: int) -> str:
    """Return the words of the reply's form that precede the answer (see the templates vanilla and top_k)."""
    return "Guess 1:" if guesses > 1 else "Answer:"
