"""Interface of operators: an `Edit` changes a prompt without a model, a `Writer` has a model write one."""

from abc import ABC, abstractmethod
from collections.abc import Collection
from dataclasses import dataclass
from random import Random
from typing import ClassVar

from ...prompts.candidate import Candidate, make_candidate
from ...prompts.demonstrations import without_demonstrations
from ...prompts.reading.proposals import MAX_CHARACTERS, Unparsed, read_proposal
from ...prompts.reading.reading import NEWEST, Rules
from .material import Material, Parent
from .names import OperatorName

_TRIES = 20
"""Attempts at an unknown prompt. Edits of a small history often repeat known ones."""

Edited = tuple[str, tuple[str, ...]]
"""A new text, and the ids of the prompts it was made from."""


class Operator(ABC):
    """A way to make a new prompt: a pure function of its material and of the randomness that it is given."""

    name: ClassVar[OperatorName]
    general: ClassVar[bool] = True
    """False if its prompts refer to one task, and so do not suit several tasks at the same time."""
    costly: ClassVar[bool] = False
    """True if its prompts, and those derived from them, make every answer much more expensive."""

    def suits(self, material: Material) -> bool:
        """Return whether the operator can make a prompt from `material`."""
        return (self.general or len(material.tasks) == 1) and self.wants(material)

    def wants(self, material: Material) -> bool:
        """Return whether `material` holds the input of this operator: by default, at least one prompt."""
        return bool(material.parents)


class Edit(Operator):
    """An operator that makes a prompt without a model."""

    @abstractmethod
    def edit(self, material: Material, random: Random) -> Edited:
        """Return a new text made from `material`, which must suit. The text may be known already."""

    def candidate(self, material: Material, known: Collection[str], random: Random) -> Candidate | None:
        """Return a candidate whose id is not in `known`; None if repeated attempts make none."""
        for _ in range(_TRIES):
            text, parents = self.edit(material, random)
            made = make_candidate(text, self.name, parents)
            if made.text and len(made.text) <= material.longest and made.id not in known:
                return made
        return None


@dataclass(frozen=True, slots=True)
class Question:
    """A question to a model that is to write a prompt."""

    text: str
    parents: tuple[Parent, ...]
    """Prompts that the new one is made from, the main one first."""


class Writer(Operator):
    """An operator that has a model write the instruction.

    The demonstrations of the main parent follow the new instruction, so that the instruction and the
    demonstrations can be improved independently.
    """

    thinks: ClassVar[bool] = False
    """True if the model is asked to think first, so that only the text it marks is the instruction."""

    @abstractmethod
    def question(self, material: Material, random: Random) -> Question:
        """Return the question to a model, made from `material`, which must suit."""

    def read(
        self, reply: str, question: Question, rules: Rules = NEWEST, longest: int = MAX_CHARACTERS
    ) -> str:
        """Return the new prompt in `reply`. Raises `Unparsed` if there is none or if it is too long.

        `longest` is the number of characters of the longest prompt allowed, and `rules` the version of the
        reading rules. Examples that the model has invented are dropped: demonstrations come from the data
        alone.
        """
        instruction = without_demonstrations(
            read_proposal(reply, marked=self.thinks, rules=rules, longest=longest)
        )
        text = instruction + "".join(parent.demonstrations for parent in question.parents[:1])
        if len(text) > longest:
            raise Unparsed(f"with its examples it has {len(text)} characters, at most {longest} are allowed")
        return text
