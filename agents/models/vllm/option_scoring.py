"""Log-likelihoods of options, computed from the outputs of vLLM's engine."""

from collections.abc import Mapping, Sequence
from typing import Any

from ..base import ModelError
from ..local.scoring import EncodedRequest

# Up to this number, one request per context is faster than reading the options with an uncached prompt.
MAX_CONTEXTS = 8

Context = tuple[int, ...]
"""The first tokens of an option, which may be none."""


def contexts_of(options: Sequence[Sequence[int]]) -> dict[Context, set[int]]:
    """Return the contexts of options, each with the tokens that may follow it."""
    contexts: dict[Context, set[int]] = {}
    for option in options:
        for index, token in enumerate(option):
            contexts.setdefault(tuple(option[:index]), set()).add(token)
    return contexts


def prompts_of(encoded: EncodedRequest) -> list[list[int]]:
    """Return the prompts that score the options: one for each context, or one for each option.

    A context is sent to get the log-probabilities of the tokens that may follow it. If there are more than
    `MAX_CONTEXTS`, the options are sent instead.
    """
    contexts = contexts_of(encoded.options)
    endings = map(list, contexts) if len(contexts) <= MAX_CONTEXTS else encoded.options
    return [encoded.prompt + ending for ending in endings]


def sums_of(options: Sequence[Sequence[int]], outputs: Mapping[Context, Any]) -> list[float]:
    """Return the log-probabilities (nats) of the options, given the output for each context."""
    return [
        sum(
            _logprob(outputs[tuple(option[:index])].outputs[0].logprobs, 0, token)
            for index, token in enumerate(option)
        )
        for option in options
    ]


def sums_of_prompts(encoded: EncodedRequest, outputs: Sequence[Any]) -> list[float]:
    """Return the log-probabilities (nats) of the options, given their outputs with `prompt_logprobs`."""
    start = len(encoded.prompt)
    return [
        sum(_logprob(output.prompt_logprobs, start + index, token) for index, token in enumerate(option))
        for option, output in zip(encoded.options, outputs, strict=True)
    ]


def _logprob(logprobs: Any, index: int, token: int) -> float:
    step = logprobs[index] if logprobs is not None and index < len(logprobs) else None
    if step is None or token not in step:
        raise ModelError("malformed_reply", "vLLM left out the log-probability of a token.", retryable=True)
    return float(step[token].logprob)
