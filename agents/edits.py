"""Proposals that need no model: small edits of good prompts.

They keep a search going where the reference model is too weak to write prompts. Each edit is a function
of its material and of randomness that follows from the run's seed, so the same log gives the same edits.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

from ..prompts.candidate import Candidate, candidate_id, make_candidate
from ..prompts.demonstrations import split_prompt, with_demonstrations
from ..prompts.render import render
from ..prompts.task import Example, Task

_SENTENCE_END = re.compile(r"(?<=[.!?:])\s+")
_MOST_DEMONSTRATIONS = 8
_TRIES = 20  # per candidate wanted; edits of a small history often meet what is known already


@dataclass(frozen=True, slots=True)
class Parent:
    """A prompt of the history that an edit may use."""

    id: str
    text: str


@dataclass(frozen=True, slots=True)
class Material:
    """What edits work with: parents from the best to the worst, sentences to add, the tasks of the stage."""

    parents: Sequence[Parent]
    clauses: Sequence[str]
    tasks: Sequence[Task]


Edited = tuple[str, tuple[str, ...]]
"""The new text, and the ids of the prompts it was made from."""
Edit = Callable[[Material, Random], Edited]


def extend(material: Material, random: Random) -> Edited:
    """Add a sentence before or after the instruction of a good prompt."""
    parent = _pick(material.parents, random)
    return _rewrite(parent, lambda text: _join(text, random.choice(material.clauses), random))


def replace(material: Material, random: Random) -> Edited:
    """Put a sentence of the library in the place of one of the instruction's own."""
    parent = _pick(material.parents, random)

    def rewrite(text: str) -> str:
        parts = sentences(text)
        parts[random.randrange(len(parts))] = random.choice(material.clauses)
        return " ".join(parts)

    return _rewrite(parent, rewrite)


def shorten(material: Material, random: Random) -> Edited:
    """Leave one sentence out, or the demonstrations where there is only one."""
    parent = _pick(material.parents, random)
    instruction, demonstrations = split_prompt(parent.text)
    parts = sentences(instruction)
    if len(parts) == 1:
        return instruction, (parent.id,)
    del parts[random.randrange(len(parts))]
    return " ".join(parts) + demonstrations, (parent.id,)


def cross(material: Material, random: Random) -> Edited:
    """Begin with one good instruction and end with another."""
    one, other = _pick(material.parents, random), _pick(material.parents, random)
    tail = sentences(split_prompt(other.text)[0])

    def rewrite(text: str) -> str:
        head = sentences(text)
        return " ".join(
            dict.fromkeys(head[: random.randint(1, len(head))] + tail[random.randrange(len(tail)) :])
        )

    return _rewrite(one, rewrite)[0], (one.id, other.id)


def describe(material: Material, random: Random) -> Edited:
    """Say what the task is, beside a good instruction."""
    parent = _pick(material.parents, random)
    return _rewrite(parent, lambda text: _join(text, material.tasks[0].description, random))


def name_options(material: Material, random: Random) -> Edited:
    """Name the labels at the end of a good instruction."""
    parent = _pick(material.parents, random)
    labels = material.tasks[0].answer.labels
    return _rewrite(parent, lambda text: f"{text} {render('options', labels=labels)}" if labels else text)


def demonstrate(material: Material, random: Random) -> Edited:
    """Show solved training examples behind a good instruction, one of each answer as far as they go."""
    parent = _pick(material.parents, random)
    instruction, _ = split_prompt(parent.text)
    chosen = _one_of_each(material.tasks[0].train, random)
    return (with_demonstrations(instruction, chosen) if chosen else instruction), (parent.id,)


GENERAL: dict[str, Edit] = {"cross": cross, "extend": extend, "replace": replace, "shorten": shorten}
"""Edits that suit every task of a stage at once."""
SPECIFIC: dict[str, Edit] = {"demonstrate": demonstrate, "describe": describe, "name_options": name_options}
"""Edits that speak of one task: in a stage with several they would suit one and mislead the others."""


def propose(material: Material, count: int, known: set[str], random: Random) -> list[Candidate]:
    """Up to `count` new candidates, none of whose ids is in `known`."""
    edits = GENERAL | (SPECIFIC if len(material.tasks) == 1 else {})
    made: dict[str, Candidate] = {}
    for _ in range(_TRIES * count):
        if len(made) == count:
            break
        operator = random.choice(sorted(edits))
        text, parents = edits[operator](material, random)
        id_ = candidate_id(text)
        if id_ not in known and id_ not in made:
            made[id_] = make_candidate(text, operator, tuple(dict.fromkeys(parents)))
    return list(made.values())


def sentences(text: str) -> list[str]:
    """The sentences of an instruction, in order; an empty instruction is one empty sentence."""
    return [part for part in _SENTENCE_END.split(text.strip()) if part] or [""]


def _pick(parents: Sequence[Parent], random: Random) -> Parent:
    # The better a prompt, the more often it is a parent: weights n, n-1, ..., 1.
    return random.choices(parents, weights=range(len(parents), 0, -1))[0]


def _rewrite(parent: Parent, rewrite: Callable[[str], str]) -> Edited:
    """Change the instruction alone; demonstrations stay behind it as they are."""
    instruction, demonstrations = split_prompt(parent.text)
    return rewrite(instruction) + demonstrations, (parent.id,)


def _join(text: str, addition: str, random: Random) -> str:
    return f"{addition} {text}" if random.random() < 0.5 else f"{text} {addition}"


def _one_of_each(examples: Sequence[Example], random: Random) -> list[Example]:
    by_answer: dict[str, list[Example]] = {}
    for example in examples:
        by_answer.setdefault(example.answer, []).append(example)
    answers = random.sample(sorted(by_answer), min(len(by_answer), _MOST_DEMONSTRATIONS))
    return [random.choice(by_answer[answer]) for answer in answers]
