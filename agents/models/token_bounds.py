"""Upper bounds on the tokens of a request that hold for every tokenizer."""

import json
from typing import Any

from .base import ModelRequest, TokenCount

_PER_REQUEST, _PER_MESSAGE = 128, 8
"""Most tokens that a chat template adds: names of roles, special tokens, a default system prompt."""
_TOOLS, _PER_TOOL = 512, 32
"""Most tokens that a template adds for tools or a schema: an explanation, and separators."""
IMAGE_TOKENS = 2500
"""Most tokens of an image, unless a model's settings say otherwise.

Above what most endpoints count for a picture of any size: 1,445 (GPT-4o), 1,600 (Claude), 2,489 (GPT-4.1
mini). GPT-4o mini (48,169), and models that read a picture at its full size, need `image_tokens`.
"""
_INDENT = 16
"""Most spaces that a template adds to each line of a value that it nests in another one."""


def prompt_bound(request: ModelRequest, image_tokens: int = IMAGE_TOKENS) -> int:
    """Return the most tokens of the prompt, sent once: each token stands for at least one byte of UTF-8.

    Tools, tool calls and a schema count, too: servers write them into the prompt as indented JSON. An image
    counts as `image_tokens`, whatever its size.
    """
    bound = _PER_REQUEST + sum(len(m.text.encode()) + _PER_MESSAGE for m in request.messages)
    bound += image_tokens * len(request.images)
    for message in request.messages:
        calls = [(call.id, call.name, _parsed(call.arguments)) for call in message.tool_calls]
        bound += len(message.answers.encode()) + _json_bound(calls)
    if request.json_schema is not None:
        bound += _TOOLS + _json_bound(_parsed(request.json_schema))
    if request.tools:
        tools = [(tool.name, tool.description, _parsed(tool.parameters)) for tool in request.tools]
        bound += _TOOLS + _PER_TOOL * len(tools) + _json_bound(tools)
    return bound


def default_count(request: ModelRequest, image_tokens: int = IMAGE_TOKENS) -> TokenCount:
    """Return the most tokens of a request to a model of which nothing is known.

    With options, the prompt is sent once for each of them; with a lead, once more to generate an answer.
    """
    prompt = prompt_bound(request, image_tokens)
    if request.options is None:
        return TokenCount(prompt, request.max_tokens)
    generated = request.max_tokens if request.lead is not None else 0
    times = len(request.options) + (request.lead is not None)
    return TokenCount(prompt * times, generated + sum(map(option_bound, request.options)))


def option_bound(option: str) -> int:
    """Return the most tokens of an option; some tokenizers add one before a text."""
    return len(option.encode()) + 1


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _json_bound(value: Any) -> int:
    """Return the most bytes of a value as JSON in any chat template: escaped, indented or nested."""
    if not value:
        return 0
    text = json.dumps(value, indent=4)
    # Some templates escape HTML's special characters, such as "<", by six characters.
    return len(text) + 5 * sum(map(text.count, "<>&'")) + _INDENT * (text.count("\n") + 1)
