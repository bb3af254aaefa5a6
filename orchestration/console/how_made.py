"""The making of a prompt in a few words: its operator, and the texts that were changed."""

from collections.abc import Sequence

from .visible import one_line


def how_made(operator: str, changed: Sequence[str]) -> str:
    """Return the operator with the texts in which a prompt differs from its parent: "reflection: answer"."""
    return one_line(f"{operator}: {', '.join(changed)}" if changed else operator)
