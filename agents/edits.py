"""Proposals that need no model: small edits of good prompts, with sentences from the seed library.

They keep a search going where the reference model is too weak to write prompts. Each edit is a function
from its material to a text; the same randomness always gives the same edits.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

from ..prompts.candidate import Candidate, candidate_id, make_candidate

_SENTENCE_END = re.compile(r"(?<=[.!?:])\s+")


@dataclass(frozen=True, slots=True)
class Parent:
    """A prompt of the history that an edit may use."""

    id: str
    text: str


@dataclass(frozen=True, slots=True)
class Material:
    """What edits work with: parents from the best to the worst, sentences to add, the task's description."""

    parents: Sequence[Parent]
    clauses: Sequence[str]
    descriptions: Sequence[str]


Edit = Callable[[Material, Random], tuple[str, tuple[str, ...]]]


def sentences(text: str) -> list[str]:
    """The sentences of a prompt, in order."""
    return [part for part in _SENTENCE_END.split(text.strip()) if part]


def _pick(parents: Sequence[Parent], random: Random) -> Parent:
    # The better a prompt, the more often it is a parent: weights n, n-1, ..., 1.
    return random.choices(parents, weights=range(len(parents), 0, -1))[0]


def extend(material: Material, random: Random) -> tuple[str, tuple[str, ...]]:
    """Add a sentence before or after a good prompt."""
    parent = _pick(material.parents, random)
    clause = random.choice(material.clauses)
    pair = (clause, parent.text) if random.random() < 0.5 else (parent.text, clause)
    return " ".join(pair), (parent.id,)


def replace(material: Material, random: Random) -> tuple[str, tuple[str, ...]]:
    """Put a sentence of the library in the place of one of the prompt's own."""
    parent = _pick(material.parents, random)
    parts = sentences(parent.text)
    parts[random.randrange(len(parts))] = random.choice(material.clauses)
    return " ".join(parts), (parent.id,)


def shorten(material: Material, random: Random) -> tuple[str, tuple[str, ...]]:
    """Leave one sentence out."""
    parent = _pick(material.parents, random)
    parts = sentences(parent.text)
    if len(parts) > 1:
        del parts[random.randrange(len(parts))]
    return " ".join(parts), (parent.id,)


def cross(material: Material, random: Random) -> tuple[str, tuple[str, ...]]:
    """Begin with one good prompt and end with another."""
    one, other = _pick(material.parents, random), _pick(material.parents, random)
    head, tail = sentences(one.text), sentences(other.text)
    mixed = head[: random.randint(1, len(head))] + tail[random.randrange(len(tail)) :]
    return " ".join(dict.fromkeys(mixed)), (one.id, other.id)


def describe(material: Material, random: Random) -> tuple[str, tuple[str, ...]]:
    """Say what the task is, then give a good prompt."""
    parent = _pick(material.parents, random)
    pair = [random.choice(material.descriptions), parent.text]
    if random.random() < 0.5:
        pair.reverse()
    return " ".join(pair), (parent.id,)


EDITS: dict[str, Edit] = {
    "extend": extend,
    "replace": replace,
    "shorten": shorten,
    "cross": cross,
    "describe": describe,
}


def propose(material: Material, count: int, known: set[str], random: Random) -> list[Candidate]:
    """Up to `count` new candidates, none of whose ids is in `known`."""
    made: dict[str, Candidate] = {}
    for _ in range(20 * count):
        if len(made) == count:
            break
        operator = random.choice(sorted(EDITS))
        text, parents = EDITS[operator](material, random)
        id_ = candidate_id(text)
        if id_ not in known and id_ not in made:
            made[id_] = make_candidate(text, operator, tuple(dict.fromkeys(parents)))
    return list(made.values())
