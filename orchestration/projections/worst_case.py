"""Most tokens that a request can have cost when no reply tells."""

from collections.abc import Mapping
from typing import Any

from ...agents.models.base import ModelRequest, TokenCount
from ...agents.models.token_bounds import IMAGE_TOKENS, default_count, option_bound, prompt_bound

UNBILLED = frozenset({"smollm2", "transformers", "vllm", "ray", "human"})
"""Providers that bill nothing for a request that got no reply: no one charges for their tokens."""


def worst_case(model: Mapping[str, Any], request: ModelRequest) -> TokenCount:
    """Return the most tokens of one attempt at `request`.

    Args:
        model: Settings of the model as the configuration in the log holds them.
        request: The request that was sent.
    """
    provider, server = model.get("provider"), model.get("server", "openai")
    if provider in UNBILLED:
        return TokenCount(0, 0)
    image_tokens = int(model.get("image_tokens") or IMAGE_TOKENS)
    options = [option_bound(option) for option in request.options or ()]
    if provider != "openai":
        return default_count(request)
    if request.options is None or request.lead is not None:
        return TokenCount(prompt_bound(request, image_tokens), request.max_tokens)
    if server == "openai":
        return default_count(request, image_tokens)
    prompt = prompt_bound(request, image_tokens) * len(options)
    if server == "llama.cpp":
        return TokenCount(prompt, sum(options))
    return TokenCount(prompt + sum(options), len(options))
