"""Selection of training examples: the strategies of the operator `demonstrations`, and examples to show."""

from collections.abc import Callable, Sequence
from random import Random

from ...prompts.task import Example
from .material import Attempt, Material, overlap

_ANSWERS = 12
"""Greatest number of answers of which a full request shows an example each."""
MOST = 8
"""Greatest number of demonstrations. More examples cost more tokens than they are worth."""

Strategy = Callable[[Sequence[Example], Sequence[Attempt], Random], list[Example]]
"""Returns up to `MOST` training examples, given some mistakes made with the prompt that will show them."""


def one_of_each(train: Sequence[Example], mistakes: Sequence[Attempt], random: Random) -> list[Example]:
    """Return one example of each answer, for up to `MOST` answers."""
    return _in_turns(train, MOST, random, rounds=1)


def balanced(train: Sequence[Example], mistakes: Sequence[Attempt], random: Random) -> list[Example]:
    """Return two, four, six or eight examples. The answers occur equally often, as far as possible."""
    return _in_turns(train, random.choice(range(2, MOST + 1, 2)), random, rounds=MOST)


def near_failures(train: Sequence[Example], mistakes: Sequence[Attempt], random: Random) -> list[Example]:
    """Return, for each mistake, the most similar example with the right answer and that with the wrong one.

    The second one shows the border between the answers: an input for which the wrong answer is right.
    """
    chosen: dict[str, Example] = {}
    for mistake in random.sample(mistakes, len(mistakes)):
        for answer in (mistake.example.answer, mistake.answered):
            others = [e for e in train if e.answer == answer and e.id not in chosen]
            if others and len(chosen) < MOST:
                nearest = max(others, key=lambda e: overlap(_text(e), _text(mistake.example)))
                chosen[nearest.id] = nearest
    return list(chosen.values())


def labelled(material: Material, random: Random) -> list[tuple[str, Example]]:
    """Return training examples to show with their right answers, each with the name of its task.

    A full request shows one example of each answer, for the answers of one task with a few options.
    """
    tasks = material.tasks
    options = tasks[0].answer.labels if len(tasks) == 1 and material.briefing.full else ()
    if options and len(options) <= _ANSWERS and tasks[0].train:
        return [(tasks[0].name, e) for e in _in_turns(tasks[0].train, len(options), random, rounds=1)]
    names = {example: task.name for task in reversed(tasks) for example in task.train}
    return [(names.get(example, tasks[0].name), example) for example in material.exemplars]


def _in_turns(train: Sequence[Example], count: int, random: Random, rounds: int) -> list[Example]:
    """Return up to `count` examples: in each round, one of each answer that has examples left."""
    by_answer: dict[str, list[Example]] = {}
    for example in random.sample(train, len(train)):
        by_answer.setdefault(example.answer, []).append(example)
    turns = [
        examples[turn] for turn in range(rounds) for examples in by_answer.values() if turn < len(examples)
    ]
    return turns[:count]


def _text(example: Example) -> str:
    return f"{example.context or ''} {example.question}"
