"""Demonstrations: worked examples that a prompt shows behind its instruction."""

from collections.abc import Sequence

from .render import render
from .task import Example

MARKER = "Examples:"
_SEAM = f"\n\n{MARKER}\n"


def split_prompt(text: str) -> tuple[str, str]:
    """The instruction of a prompt, and its demonstrations with the seam before them or ""."""
    instruction, seam, rest = text.partition(_SEAM)
    return instruction, seam + rest


def with_demonstrations(instruction: str, examples: Sequence[Example]) -> str:
    """The instruction followed by `examples` with their right answers."""
    return render("demonstrations", instruction=instruction, examples=examples, marker=MARKER)
