"""Numbers of tokens that a request cannot exceed, whichever tokenizer its model has."""

import json
from typing import Any

from .base import ModelRequest, TokenCount

_PER_REQUEST, _PER_MESSAGE = 128, 8
"""Tokens that a chat template may add, at most: names of roles, marks, a system prompt of the model's own."""
_TOOLS, _PER_TOOL = 512, 32
"""Likewise where there are tools or a schema: what they are for, and what separates them."""
_INDENT = 16
"""Spaces in front of each line where a template puts a value into one of its own."""


def prompt_bound(request: ModelRequest) -> int:
    """The most tokens of the prompt when it is sent once: a token stands for one byte of UTF-8 at least.

    Tools, calls of tools and a schema count too: servers write them into the prompt, indented for reading.
    """
    bound = _PER_REQUEST + sum(len(m.content.encode()) + _PER_MESSAGE for m in request.messages)
    for message in request.messages:
        calls = [(call.id, call.name, _parsed(call.arguments)) for call in message.tool_calls]
        bound += len(message.answers.encode()) + _written(calls)
    if request.json_schema is not None:
        bound += _TOOLS + _written(_parsed(request.json_schema))
    if request.tools:
        tools = [(tool.name, tool.description, _parsed(tool.parameters)) for tool in request.tools]
        bound += _TOOLS + _PER_TOOL * len(tools) + _written(tools)
    return bound


def default_count(request: ModelRequest) -> TokenCount:
    """The most that a request can cost with a model of which nothing is known.

    With options, one reply for each, each of which the prompt is sent along with; with a lead an answer is
    generated, too.
    """
    prompt = prompt_bound(request)
    if request.options is None:
        return TokenCount(prompt, request.max_tokens)
    generated = request.max_tokens if request.lead is not None else 0
    times = len(request.options) + (request.lead is not None)
    return TokenCount(prompt * times, generated + sum(map(option_bound, request.options)))


def option_bound(option: str) -> int:
    """The most tokens of an option; some tokenizers put one in front of a text."""
    return len(option.encode()) + 1


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _written(value: Any) -> int:
    """The bytes of a value as JSON, however a chat template writes it: escaped, indented, nested."""
    if not value:
        return 0
    text = json.dumps(value, indent=4)
    # What stands in HTML as it is not, such as "<", is written as six signs by some.
    return len(text) + 5 * sum(map(text.count, "<>&'")) + _INDENT * (text.count("\n") + 1)
