"""Demonstrations: worked examples that a prompt shows behind its instruction."""

from collections.abc import Sequence

from .rendering import render
from .task import Example

MARKER = "Examples:"
_SEAM = f"\n\n{MARKER}\n"


def split_prompt(text: str) -> tuple[str, str]:
    """The instruction of a prompt, and its demonstrations with the seam before them or "".

    The instruction is empty where the prompt is nothing but demonstrations.
    """
    instruction, seam, rest = text.partition(_SEAM)
    if not seam and text.startswith(_SEAM.lstrip()):
        return "", _SEAM + text.removeprefix(_SEAM.lstrip())
    return instruction, seam + rest


def without_demonstrations(text: str) -> str:
    """The instruction alone: what of a prompt may be carried to another task."""
    return split_prompt(text)[0]


def with_demonstrations(instruction: str, examples: Sequence[Example]) -> str:
    """The instruction followed by `examples` with their right answers; alone where there are none."""
    if not examples:
        return instruction
    return render("demonstrations", instruction=instruction, examples=examples, marker=MARKER)
