"""What a request says of the system that a text belongs to: its other texts, and what must stay."""

from collections.abc import Sequence
from dataclasses import dataclass

from ...prompts.integrity import marks
from ...prompts.named_texts import split_texts
from ...prompts.shortening import shorten
from .material import Material, Parent

_WORDS, _BRIEF = 300, 100
"""Most characters of another text in a full and in a brief request."""


@dataclass(frozen=True, slots=True)
class ShownSystem:
    """The texts of a prompt as a request shows them."""

    program: bool
    """True if a program asks models with the texts; False if they make one request."""
    part: str
    """Name of the text to write; "" if it is the whole prompt."""
    texts: tuple[str, ...]
    """Names of all texts; () if a prompt is one text."""
    others: tuple[tuple[str, str], ...]
    """Name and words of each text that stays, shortened."""
    kept: tuple[str, ...]
    """Placeholders that must stay, as they are written."""


def shown_system(parents: Sequence[Parent], material: Material) -> ShownSystem:
    """Return what a request says of the system; its text is made from `parents`, the main one first."""
    program = any(task.program for task in material.tasks)
    kept = dict.fromkeys(mark for one in parents for mark in marks(one.instruction, program=program))
    return ShownSystem(program, material.part, material.texts, _others(parents, material), tuple(kept))


def _others(parents: Sequence[Parent], material: Material) -> tuple[tuple[str, str], ...]:
    if not material.part or not parents:
        return ()
    main = parents[0]
    texts = split_texts(main.before + main.instruction + main.after, material.texts) or {}
    limit = _WORDS if material.briefing.full else _BRIEF
    return tuple((name, shorten(text, limit)) for name, text in texts.items() if name != material.part)
