"""Rating options by the alternatives that a server names for the tokens of the answer it wrote."""

import re
from collections.abc import Sequence
from math import exp, log
from typing import Any

from ..base import ModelRequest

MOST_ALTERNATIVES = 20
"""For each token; servers name no more."""
_WRAPPING = " \t*_`\"'<>[]("
_DOUBT = 0.01
"""Probability of tokens that begin several options, from which on the options cannot be told apart."""

Alternative = tuple[str, float]
"""A token and its log-probability."""


def rate_options(logprobs: Any, request: ModelRequest) -> tuple[float, ...] | None:
    """The log-probability of each option's first token where the answer stands behind the request's lead.

    An option that is not among the alternatives gets the most that it can have: no more than the last of
    them, and no more than they all leave. None where the request has no options or no lead, the server gave
    no log-probabilities, the lead is not in the answer, no option is among the alternatives, or several
    begin with the same token.
    """
    if request.options is None or request.lead is None:
        return None
    alternatives = _behind(request.lead, _tokens(logprobs))
    return _rated(request.options, alternatives) if alternatives else None


def _tokens(logprobs: Any) -> list[tuple[str, list[Alternative]]]:
    """The tokens of the answer with their alternatives; none where the server's words are of another form."""
    content = logprobs.get("content") if isinstance(logprobs, dict) else None
    try:
        return [
            (str(token["token"]), [(str(t["token"]), float(t["logprob"])) for t in token["top_logprobs"]])
            for token in content or ()
        ]
    except (KeyError, TypeError, ValueError):
        return []


def _behind(lead: str, tokens: Sequence[tuple[str, list[Alternative]]]) -> list[Alternative]:
    """The alternatives of the first token of what stands behind `lead`."""
    text = "".join(token for token, _ in tokens)
    found = re.search(rf"{re.escape(lead)}[{re.escape(_WRAPPING)}]*", text, re.IGNORECASE)
    if found is None:
        return []
    end = 0
    for token, alternatives in tokens:
        end += len(token)
        if end > found.end():
            return alternatives
    return []


def _rated(options: Sequence[str], alternatives: Sequence[Alternative]) -> tuple[float, ...] | None:
    shares = [0.0] * len(options)
    doubtful = 0.0
    for token, logprob in alternatives:
        begun = [place for place, option in enumerate(options) if _begins(option, token)]
        if len(begun) == 1:
            shares[begun[0]] += exp(logprob)
        elif begun:
            doubtful += exp(logprob)
    if doubtful > _DOUBT or not any(shares):
        return None
    left = 1 - sum(exp(logprob) for _, logprob in alternatives)
    least = min(max(left, 1e-9), exp(min(logprob for _, logprob in alternatives)))
    return tuple(log(share or least) for share in shares)


def _begins(option: str, token: str) -> bool:
    """Whether the option begins with the token, or the token holds the option and a sign behind it."""
    said, wanted = token.lstrip(_WRAPPING).casefold(), option.casefold()
    said = said.rstrip()
    return bool(said) and (wanted.startswith(said) or re.match(rf"{re.escape(wanted)}\W", said) is not None)
