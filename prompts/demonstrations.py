"""Demonstrations: examples with their answers that a prompt shows after its instruction."""

from collections.abc import Sequence

from .task import Example

MARKER = "Examples:"
"""Line that begins the demonstrations of a prompt."""
_SEAM = f"\n\n{MARKER}\n"


def split_prompt(text: str) -> tuple[str, str]:
    """Split a prompt into its instruction and its demonstrations. Together they are the whole prompt.

    The demonstrations begin with the marker and the blank line before it; they are "" if there are none. The
    instruction is "" if the prompt consists of demonstrations only.
    """
    instruction, seam, rest = text.partition(_SEAM)
    if not seam and text.startswith(_SEAM.lstrip()):
        return "", _SEAM + text.removeprefix(_SEAM.lstrip())
    return instruction, seam + rest


def without_demonstrations(text: str) -> str:
    """Return the instruction alone, the part of a prompt that can be carried to another task."""
    return split_prompt(text)[0]


def with_demonstrations(instruction: str, examples: Sequence[Example]) -> str:
    """Return the instruction followed by `examples` with their right answers, or alone without examples."""
    if not examples:
        return instruction
    # Imported here because views split prompts, and must start without the library of templates.
    from .rendering import render

    return render("demonstrations", instruction=instruction, examples=examples, marker=MARKER)
