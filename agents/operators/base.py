"""Interface of operators: an `Edit` changes a prompt without a model, a `Writer` has a model write one."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from random import Random
from typing import ClassVar

from ...prompts.candidate import Candidate, make_candidate
from ...prompts.demonstrations import without_demonstrations
from ...prompts.integrity import breach_of_any
from ...prompts.reading.doubts import Doubt, read_doubts, without_doubts
from ...prompts.reading.proposals import MAX_CHARACTERS, Unparsed, read_proposal
from ...prompts.rendering import render
from ...prompts.task import Example
from .directions import Direction, most_words
from .material import Attempt, ExampleKey, Material, Parent
from .names import OperatorName
from .showing import shown_attempts, shown_examples
from .shown_system import shown_system
from .tried import tried_before

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
    whole: ClassVar[bool] = False
    """True if it works on whole prompts, where others change one text of a prompt that has several."""

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
        tries = (self.edit(material, random) for _ in range(_TRIES))
        return next((made for edited in tries if (made := self.fitting(edited, material, known))), None)

    def fitting(self, edited: Edited, material: Material, known: Collection[str]) -> Candidate | None:
        """Return the candidate of an edit; None if it is known, empty or too long, or breaks the contract."""
        made = make_candidate(edited[0], self.name, edited[1])
        fits = made.text and len(made.text) <= material.briefing.characters and made.id not in known
        return made if fits and breach_of_any(material.tasks, made.text) is None else None


@dataclass(frozen=True, slots=True)
class Question:
    """A question to a model that is to write a prompt."""

    text: str
    parents: tuple[Parent, ...]
    """Prompts that the new one is made from, the main one first."""
    shown: tuple[tuple[str, Example], ...] = ()
    """The numbered examples of the question, from 1, each with the name of its task."""
    direction: str = ""
    """Name of the direction that it gives; "" if it gives none."""
    characters: int = MAX_CHARACTERS
    """Most characters of the new prompt."""
    texts: tuple[str, ...] = ()
    """Names of the texts that the reply must hold; () if it is one text."""

    @property
    def keys(self) -> list[ExampleKey]:
        """The tasks and ids of the examples shown."""
        return [(task, example.id) for task, example in self.shown]


class Writer(Operator):
    """An operator that has a model write the instruction.

    The other texts and the demonstrations of the main parent stay, so that each part of a prompt can be
    improved independently.
    """

    thinks: ClassVar[bool] = False
    """True if the model is asked to think first, so that only the text it marks is the instruction."""

    @abstractmethod
    def question(self, material: Material, random: Random) -> Question:
        """Return the question to a model, made from `material`, which must suit."""

    def read(self, reply: str, question: Question) -> str:
        """Return the new prompt in `reply`. Raises `Unparsed` if there is none or if it is too long.

        Examples that the model has invented are dropped: demonstrations come from the data alone.
        """
        read = read_proposal(without_doubts(reply), marked=self.thinks, characters=question.characters)
        instruction = without_demonstrations(read)
        text = question.parents[0].with_instruction(instruction) if question.parents else instruction
        if len(text) > question.characters:
            raise Unparsed(
                f"with its examples it has {len(text)} characters, at most {question.characters} are allowed"
            )
        return text

    def doubts(self, reply: str, question: Question) -> list[tuple[str, Example, Doubt]]:
        """Return the examples whose right answers `reply` doubts, each once, with the doubt."""
        found = {doubt.number: doubt for doubt in reversed(read_doubts(reply, len(question.shown)))}
        return [(*question.shown[number - 1], found[number]) for number in sorted(found)]

    def compose(
        self,
        material: Material,
        parents: Sequence[Parent],
        *,
        attempts: Sequence[Attempt] = (),
        successes: Sequence[Attempt] = (),
        exemplars: Sequence[tuple[str, Example]] = (),
        direction: Direction | None = None,
        origin: Sequence[Parent] | None = None,
        **values: object,
    ) -> Question:
        """Return the question that this operator's template makes of its material.

        `parents` are shown; the new prompt comes from `origin`, by default from the same. The examples are
        numbered in the order of the arguments. `values` are further values of the template.
        """
        full, inputs = material.briefing.full, {task.name: task for task in material.tasks}
        made_from = parents if origin is None else origin
        examples = [(attempt.task, attempt.example) for attempt in (*attempts, *successes)]
        right = len(attempts) + 1
        text = render(
            self.name,
            tasks=material.tasks,
            briefing=material.briefing,
            of=len(material.parents),
            mistakes=shown_attempts(attempts, inputs, full=full, part=material.part),
            successes=shown_examples(examples[len(attempts) :], inputs, full=full, first=right),
            exemplars=shown_examples(exemplars, inputs, full=full, first=right + len(successes)),
            direction=direction,
            words=most_words(made_from, direction, material),
            tried=tried_before(self.name, parents, material),
            system=shown_system(parents if origin is None else origin[:1], material),
            numbered=full and bool(examples or exemplars),
            **values,
        )
        return Question(
            text,
            tuple(made_from),
            (*examples, *exemplars) if full else (),
            direction.name if direction else "",
            material.briefing.characters,
            () if material.part else material.texts,
        )
