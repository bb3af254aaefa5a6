"""What a reply answers, in the way that the scorer asks: its words, or the likeliest option."""

import math
from collections.abc import Sequence

from ...prompts.metrics.grade import Output
from ...prompts.reading.answers import read_output
from ...prompts.reading.reading import Reading
from ...prompts.sums import summed
from ...prompts.task import Example, Task
from ..grading.outcomes import Answered
from ..models.base import ModelReply
from ..programs.request import read_executed
from ..search.settings import SearchSettings


def answered_by(settings: SearchSettings, task: Task, example: Example, reply: ModelReply) -> Answered:
    """Return the reading of the reply to a request of `scoring_request`, and what the metrics see of it."""
    if task.program:
        executed = read_executed(reply)
        reading, output = read_output(executed.text, task, example, 1)
        tokens = executed.prompt_tokens, executed.completion_tokens
        return Answered(
            example, reading, output, trace=executed.trace, tokens=tokens, requests=executed.requests
        )
    tokens = reply.prompt_tokens, reply.completion_tokens
    shares: dict[str, float] = {}
    if reply.option_logprobs is not None:
        shares = dict(zip(task.options(example) or (), _normalised(reply.option_logprobs), strict=True))
    if settings.answer == "likelihood":
        answer = max(shares, key=shares.__getitem__)
        return Answered(example, Reading(answer, shares[answer], None), Output(answer, answer), tokens=tokens)
    cut = reply.finish == "length"
    reading, output = read_output(reply.text, task, example, settings.guesses, cut=cut)
    likelihood = shares.get(reading.answer or "") if settings.answer == "both" else None
    return Answered(example, reading, output, likelihood, tokens=tokens)


def _normalised(logprobs: Sequence[float]) -> list[float]:
    """Return likelihoods that sum to one, rounded to six digits; further digits are numerical noise."""
    top = max(logprobs)
    weights = [math.exp(value - top) for value in logprobs]
    return [round(weight / summed(weights), 6) for weight in weights]
