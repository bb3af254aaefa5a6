"""Edits of the sentences of an instruction. Its demonstrations stay unchanged."""

import re
from random import Random

from .base import Edit, Edited
from .material import Material, differ, pick, pick_two

_SENTENCE_END = re.compile(r"(?<=[.!?:])\s+")


def sentences(text: str) -> list[str]:
    """Return the sentences of an instruction, in order. An empty instruction is one empty sentence."""
    return [part for part in _SENTENCE_END.split(text.strip()) if part] or [""]


def attach(text: str, addition: str, random: Random) -> str:
    """Return `text` with `addition` before or after it, with equal probability."""
    return f"{addition} {text}".strip() if random.random() < 0.5 else f"{text} {addition}".strip()


class Extend(Edit):
    """Adds a sentence before or after a good instruction: a lesson, or else one of the seed library."""

    name = "extend"

    def edit(self, material: Material, random: Random) -> Edited:
        """Return a good prompt with one more sentence."""
        parent = pick(material.parents, random)
        text = attach(parent.instruction, random.choice(material.clauses), random)
        return parent.with_instruction(text), (parent.id,)


class Replace(Edit):
    """Replaces one sentence of a good instruction with a lesson, or else one of the seed library."""

    name = "replace"

    def edit(self, material: Material, random: Random) -> Edited:
        """Return a good prompt with one sentence replaced."""
        parent = pick(material.parents, random)
        parts = sentences(parent.instruction)
        parts[random.randrange(len(parts))] = random.choice(material.clauses)
        return parent.with_instruction(" ".join(parts)), (parent.id,)


class Shorten(Edit):
    """Removes one sentence of a good instruction, or its demonstrations if it has only one sentence."""

    name = "shorten"

    def edit(self, material: Material, random: Random) -> Edited:
        """Return a good prompt with one sentence, or all demonstrations, removed."""
        parent = pick(material.parents, random)
        parts = sentences(parent.instruction)
        if len(parts) == 1:
            return parent.before + parent.instruction + parent.after, (parent.id,)
        del parts[random.randrange(len(parts))]
        return parent.with_instruction(" ".join(parts)), (parent.id,)


class Cross(Edit):
    """Joins the first sentences of one good instruction to the last sentences of another."""

    name = "cross"

    def wants(self, material: Material) -> bool:
        """Return whether there are two different instructions."""
        return differ(material.parents)

    def edit(self, material: Material, random: Random) -> Edited:
        """Return sentences of two good prompts, with the demonstrations of the first."""
        one, other = pick_two(material.parents, random)
        head, tail = sentences(one.instruction), sentences(other.instruction)
        parts = head[: random.randint(1, len(head))] + tail[random.randrange(len(tail)) :]
        return one.with_instruction(" ".join(dict.fromkeys(parts))), (one.id, other.id)
