"""The sentences of a prompt as rules that can be told apart, counted and carried to another prompt."""

import re

from ...prompts.demonstrations import without_demonstrations

_SENTENCE_END = re.compile(r"(?<=[.!?:])\s+|\n+")
_LONGEST = 400
"""Characters of the longest sentence that is taken for a rule; longer ones are text of another kind."""


def rules_of(instruction: str) -> tuple[str, ...]:
    """Return the sentences of an instruction, each once and in order, without its demonstrations."""
    parts = (part.strip() for part in _SENTENCE_END.split(without_demonstrations(instruction)))
    return tuple(dict.fromkeys(part for part in parts if part and len(part) <= _LONGEST))
