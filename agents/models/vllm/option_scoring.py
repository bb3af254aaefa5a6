"""Likelihoods of options, put together from what vLLM's engine tells."""

from collections.abc import Mapping, Sequence
from typing import Any

from ..base import ModelError
from ..local.scoring import EncodedRequest

# Up to so many contexts, asking for each next token beats reading the options with an uncached prompt.
SENT_TOGETHER = 8

Context = tuple[int, ...]


def contexts_of(options: Sequence[Sequence[int]]) -> dict[Context, set[int]]:
    """Return, for each beginning of an option, the tokens that options go on with after it."""
    contexts: dict[Context, set[int]] = {}
    for option in options:
        for place, token in enumerate(option):
            contexts.setdefault(tuple(option[:place]), set()).add(token)
    return contexts


def prompts_of(encoded: EncodedRequest) -> list[list[int]]:
    """Return what the engine is sent to rate the options: their contexts, or each one whole.

    A context is asked for the tokens that may follow it; where there are many, options are read instead.
    """
    contexts = contexts_of(encoded.options)
    ends = map(list, contexts) if len(contexts) <= SENT_TOGETHER else encoded.options
    return [encoded.prompt + end for end in ends]


def sums_of(options: Sequence[Sequence[int]], outputs: Mapping[Context, Any]) -> list[float]:
    """Return the options' log-probabilities, given the output after each context."""
    return [
        sum(
            _logprob(outputs[tuple(option[:place])].outputs[0].logprobs, 0, token)
            for place, token in enumerate(option)
        )
        for option in options
    ]


def sums_of_prompts(encoded: EncodedRequest, outputs: Sequence[Any]) -> list[float]:
    """Return the options' log-probabilities, given each option's output with the prompt's probabilities."""
    start = len(encoded.prompt)
    return [
        sum(_logprob(output.prompt_logprobs, start + place, token) for place, token in enumerate(option))
        for option, output in zip(encoded.options, outputs, strict=True)
    ]


def _logprob(logprobs: Any, place: int, token: int) -> float:
    found = logprobs[place] if logprobs is not None and place < len(logprobs) else None
    if found is None or token not in found:
        raise ModelError("malformed_reply", "vLLM left out the log-probability of a token.", retryable=True)
    return float(found[token].logprob)
