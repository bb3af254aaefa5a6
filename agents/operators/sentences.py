"""Edits of the sentences of an instruction. The demonstrations behind it stay as they are."""

import re
from random import Random

from .base import Edit, Edited
from .material import Material, differ, pick, pick_two

_SENTENCE_END = re.compile(r"(?<=[.!?:])\s+")


def sentences(text: str) -> list[str]:
    """The sentences of an instruction, in order; an empty instruction is one empty sentence."""
    return [part for part in _SENTENCE_END.split(text.strip()) if part] or [""]


def beside(text: str, addition: str, random: Random) -> str:
    """`addition` before or behind `text`."""
    return f"{addition} {text}".strip() if random.random() < 0.5 else f"{text} {addition}".strip()


class Extend(Edit):
    """Adds a sentence of the library before or behind the instruction of a good prompt."""

    name = "extend"

    def edit(self, material: Material, random: Random) -> Edited:
        parent = pick(material.parents, random)
        text = beside(parent.instruction, random.choice(material.clauses), random)
        return text + parent.demonstrations, (parent.id,)


class Replace(Edit):
    """Puts a sentence of the library in the place of one of the instruction's own."""

    name = "replace"

    def edit(self, material: Material, random: Random) -> Edited:
        parent = pick(material.parents, random)
        parts = sentences(parent.instruction)
        parts[random.randrange(len(parts))] = random.choice(material.clauses)
        return " ".join(parts) + parent.demonstrations, (parent.id,)


class Shorten(Edit):
    """Leaves one sentence out, or the demonstrations where there is only one."""

    name = "shorten"

    def edit(self, material: Material, random: Random) -> Edited:
        parent = pick(material.parents, random)
        parts = sentences(parent.instruction)
        if len(parts) == 1:
            return parent.instruction, (parent.id,)
        del parts[random.randrange(len(parts))]
        return " ".join(parts) + parent.demonstrations, (parent.id,)


class Cross(Edit):
    """Begins with the sentences of one good instruction and ends with those of a different one."""

    name = "cross"

    def wants(self, material: Material) -> bool:
        return differ(material.parents)

    def edit(self, material: Material, random: Random) -> Edited:
        one, other = pick_two(material.parents, random)
        head, tail = sentences(one.instruction), sentences(other.instruction)
        parts = head[: random.randint(1, len(head))] + tail[random.randrange(len(tail)) :]
        return " ".join(dict.fromkeys(parts)) + one.demonstrations, (one.id, other.id)
