"""Token counts of a reply: as the server reports them, or estimated if it does not."""

from dataclasses import dataclass
from math import ceil, isfinite
from typing import Any

from ..base import Finish, ModelRequest
from ..token_bounds import prompt_bound

MOST_TOKENS = 10_000_000
"""Greatest count that is believed; no model has a longer context."""
_BYTES_PER_TOKEN = 3
"""Bytes of UTF-8 for one token of an estimate. English has about four, most other languages two to three."""
_NAMES = {
    "prompt": ("prompt_tokens", "input_tokens", "prompt_eval_count"),
    "completion": ("completion_tokens", "output_tokens", "eval_count"),
}
"""Names of the counts at OpenAI, Anthropic and Ollama."""


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of a request. With `estimated`, the server did not report all of the first two."""

    prompt: int
    completion: int
    cached: int = 0
    estimated: bool = False


def read_usage(data: Any, request: ModelRequest | None, written: int, finish: Finish) -> Usage:
    """Return the usage of a completion; `written` is the number of bytes that the model wrote.

    A count that is missing, no number, negative or absurd is estimated by a third of the bytes, and not
    above the request's limits. An answer that ended at its limit has as many tokens as the limit.
    """
    usage = data.get("usage") if isinstance(data, dict) else None
    usage = usage if isinstance(usage, dict) else data if isinstance(data, dict) else {}
    prompt, completion = _completed(_reported(usage, "prompt"), _reported(usage, "completion"), usage)
    if not prompt and not completion and written:
        prompt = completion = None  # A server that reports zeros has not counted.
    missing = prompt is None or completion is None
    prompt = _estimated_prompt(request) if prompt is None else prompt
    completion = _estimated_completion(request, written, finish) if completion is None else completion
    return Usage(prompt, completion, cached_tokens(usage, prompt), missing)


def count_of(value: Any) -> int | None:
    """Return a number of tokens; None for anything else. Floats are rounded up, and digits are read."""
    if isinstance(value, str) and value.isascii() and len(value) < 20:
        try:
            value = float(value)
        except ValueError:
            return None
    if type(value) is float and isfinite(value):
        value = ceil(value)
    return value if type(value) is int and 0 <= value <= MOST_TOKENS else None


def cached_tokens(usage: Any, prompt_tokens: int) -> int:
    """Return the number of prompt tokens found in a cache; 0 if the server does not report it."""
    details = usage.get("prompt_tokens_details") if isinstance(usage, dict) else None
    cached = count_of(details.get("cached_tokens")) if isinstance(details, dict) else None
    return min(cached or 0, prompt_tokens)


def _reported(usage: dict[str, Any], which: str) -> int | None:
    return next((n for n in (count_of(usage.get(key)) for key in _NAMES[which]) if n is not None), None)


def _completed(
    prompt: int | None, completion: int | None, usage: dict[str, Any]
) -> tuple[int | None, int | None]:
    """Fill in the one missing count if the server reports the sum."""
    total = count_of(usage.get("total_tokens"))
    if total is None or (prompt is None) == (completion is None):
        return prompt, completion
    rest = total - (prompt or 0) - (completion or 0)
    if rest < 0:
        return prompt, completion
    return (rest, completion) if prompt is None else (prompt, rest)


def _estimated_prompt(request: ModelRequest | None) -> int:
    return ceil(prompt_bound(request) / _BYTES_PER_TOKEN) if request else 0


def _estimated_completion(request: ModelRequest | None, written: int, finish: Finish) -> int:
    estimate = ceil(written / _BYTES_PER_TOKEN)
    if request is None:
        return estimate
    return request.max_tokens if finish == "length" else min(estimate, request.max_tokens)
