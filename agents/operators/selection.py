"""Which training examples a prompt shows: the strategies of the operator `demonstrations`."""

from collections.abc import Callable, Sequence
from random import Random

from ...prompts.task import Example
from .material import Mistake, overlap

MOST = 8
"""More examples than this cost more tokens than they are worth."""

Strategy = Callable[[Sequence[Example], Sequence[Mistake], Random], list[Example]]
"""Chooses up to `MOST` of the training examples, knowing some mistakes of the prompt they will stand in."""


def one_of_each(train: Sequence[Example], mistakes: Sequence[Mistake], random: Random) -> list[Example]:
    """One example of each answer, as far as they go."""
    return _in_turns(train, MOST, random, rounds=1)


def balanced(train: Sequence[Example], mistakes: Sequence[Mistake], random: Random) -> list[Example]:
    """Two, four, six or eight examples, every answer as often as the others or once more."""
    return _in_turns(train, random.choice(range(2, MOST + 1, 2)), random, rounds=MOST)


def near_failures(train: Sequence[Example], mistakes: Sequence[Mistake], random: Random) -> list[Example]:
    """For each mistake the example most like it with the same right answer; as often one with the wrong one.

    The second shows where the border lies: how an input looks to which the wrong answer is right.
    """
    chosen: dict[str, Example] = {}
    for mistake in random.sample(mistakes, len(mistakes)):
        for answer in (mistake.example.answer, mistake.answered):
            alike = [e for e in train if e.answer == answer and e.id not in chosen]
            if alike and len(chosen) < MOST:
                nearest = max(alike, key=lambda e: overlap(_text(e), _text(mistake.example)))
                chosen[nearest.id] = nearest
    return list(chosen.values())


def _in_turns(train: Sequence[Example], count: int, random: Random, rounds: int) -> list[Example]:
    """Up to `count` examples: one of each answer in the first round, another of each in the next."""
    by_answer: dict[str, list[Example]] = {}
    for example in random.sample(train, len(train)):
        by_answer.setdefault(example.answer, []).append(example)
    turns = [
        examples[turn] for turn in range(rounds) for examples in by_answer.values() if turn < len(examples)
    ]
    return turns[:count]


def _text(example: Example) -> str:
    return f"{example.context or ''} {example.question}"
