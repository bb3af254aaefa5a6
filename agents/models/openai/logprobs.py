"""Rating of options by the alternatives that a server reports for the tokens of a generated answer."""

import re
from collections.abc import Sequence
from math import exp, isnan, log
from sys import float_info
from typing import Any

from ..base import ModelRequest

MAX_ALTERNATIVES = 20
"""Most alternatives to ask for at each token. Servers report no more."""
_PUNCTUATION = " \t*_`\"'<>[]("
_MAX_AMBIGUITY = 0.01
"""Greatest probability of tokens that begin several options. Above it, the options cannot be told apart."""

Alternative = tuple[str, float]
"""A token and its log-probability."""


def rate_options(logprobs: Any, request: ModelRequest) -> tuple[float, ...] | None:
    """Return the log-probability (nats) of each option's first token after the request's lead.

    An option that is not among the alternatives gets its upper bound: at most the probability of the least
    likely alternative, and at most what all alternatives leave. Return None if the request has no options
    or no lead, the server gave no log-probabilities, the lead is not in the answer, no option is among the
    alternatives, or several options begin with the same token.
    """
    if request.options is None or request.lead is None:
        return None
    alternatives = _alternatives_after(request.lead, _tokens(logprobs))
    return _rated(request.options, alternatives) if alternatives else None


def _tokens(logprobs: Any) -> list[tuple[str, list[Alternative]]]:
    """Return the answer's tokens and their alternatives; none if the server's format is unknown."""
    content = logprobs.get("content") if isinstance(logprobs, dict) else None
    try:
        return [
            (str(token["token"]), [(str(t["token"]), _logprob(t["logprob"])) for t in token["top_logprobs"]])
            for token in content or ()
        ]
    except (KeyError, TypeError, ValueError):
        return []


def _logprob(value: Any) -> float:
    """Return a log-probability, at most 0. Raises `ValueError` for what is none."""
    logprob = min(float(value), 0.0)
    if isnan(logprob):
        raise ValueError("a log-probability is not a number")
    return logprob


def _alternatives_after(lead: str, tokens: Sequence[tuple[str, list[Alternative]]]) -> list[Alternative]:
    """Return the alternatives of the first token after `lead`; none if the lead is missing."""
    text = "".join(token for token, _ in tokens)
    found = re.search(rf"{re.escape(lead)}[{re.escape(_PUNCTUATION)}]*", text, re.IGNORECASE)
    if found is None:
        return []
    end = 0
    for token, alternatives in tokens:
        end += len(token)
        if end > found.end():
            return alternatives
    return []


def _rated(options: Sequence[str], alternatives: Sequence[Alternative]) -> tuple[float, ...] | None:
    probabilities = [0.0] * len(options)
    ambiguous = 0.0
    for token, logprob in alternatives:
        matches = [index for index, option in enumerate(options) if _begins(option, token)]
        if len(matches) == 1:
            probabilities[matches[0]] += exp(logprob)
        elif matches:
            ambiguous += exp(logprob)
    if ambiguous > _MAX_AMBIGUITY or not any(probabilities):
        return None
    rest = 1 - sum(exp(logprob) for _, logprob in alternatives)
    least = exp(min(logprob for _, logprob in alternatives))
    bound = max(min(max(rest, 1e-9), least), float_info.min)  # Servers report -9999 for "impossible".
    return tuple(log(probability or bound) for probability in probabilities)


def _begins(option: str, token: str) -> bool:
    """Return True if the option begins with the token, or the token is the option and punctuation."""
    text, wanted = token.lstrip(_PUNCTUATION).rstrip().casefold(), option.casefold()
    return bool(text) and (wanted.startswith(text) or re.match(rf"{re.escape(wanted)}\W", text) is not None)
