"""What an operator is: it edits prompts without a model, or it asks a model to write one."""

from abc import ABC, abstractmethod
from collections.abc import Collection
from dataclasses import dataclass
from random import Random
from typing import ClassVar

from ...prompts.candidate import Candidate, make_candidate
from ...prompts.demonstrations import without_demonstrations
from ...prompts.reading.proposals import MAX_CHARACTERS, Unparsed, read_proposal
from .material import Material, Parent
from .names import OperatorName

_TRIES = 20
"""Edits of a small history often meet what is known already."""

Edited = tuple[str, tuple[str, ...]]
"""The new text, and the ids of the prompts it was made from."""


class Operator(ABC):
    """A way to make a new prompt. It is a pure function of its material and of the randomness it is given."""

    name: ClassVar[OperatorName]
    general: ClassVar[bool] = True
    """Whether its prompts suit several tasks at once, rather than the one that they speak of."""
    costly: ClassVar[bool] = False
    """Whether its prompts, and those made of them, make every answer much dearer."""

    def suits(self, material: Material) -> bool:
        """Whether a prompt can be made of `material`."""
        return (self.general or len(material.tasks) == 1) and self.wants(material)

    def wants(self, material: Material) -> bool:
        """Whether `material` holds what this operator needs: some prompt, unless a subclass says else."""
        return bool(material.parents)


class Edit(Operator):
    """An operator that needs no model."""

    @abstractmethod
    def edit(self, material: Material, random: Random) -> Edited:
        """A new text made of `material`, which suits; it may be one that is known."""

    def candidate(self, material: Material, known: Collection[str], random: Random) -> Candidate | None:
        """A candidate whose id is not in `known`, or None where none is found in a number of tries."""
        for _ in range(_TRIES):
            text, parents = self.edit(material, random)
            made = make_candidate(text, self.name, parents)
            if made.text and len(made.text) <= MAX_CHARACTERS and made.id not in known:
                return made
        return None


@dataclass(frozen=True, slots=True)
class Question:
    """What a model is asked, and the prompts that its answer is made from, the main one first."""

    text: str
    parents: tuple[Parent, ...]


class Writer(Operator):
    """An operator that has a model write the instruction.

    The demonstrations of the main parent stay behind it: how a task is explained and which examples are
    shown can then be improved independently.
    """

    thinks: ClassVar[bool] = False
    """Whether the model is asked to think first, so that only what it marks is the instruction."""

    @abstractmethod
    def question(self, material: Material, random: Random) -> Question:
        """What to ask a model, given `material`, which suits."""

    def read(self, reply: str, question: Question) -> str:
        """The new prompt in `reply`. Raises `Unparsed` where there is none.

        Examples of the model's own are dropped: those that a prompt shows come from the data.
        """
        instruction = without_demonstrations(read_proposal(reply, marked=self.thinks))
        text = instruction + "".join(parent.demonstrations for parent in question.parents[:1])
        if len(text) > MAX_CHARACTERS:
            raise Unparsed(
                f"with its examples it has {len(text)} characters, at most {MAX_CHARACTERS} are allowed"
            )
        return text
