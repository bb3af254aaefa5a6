"""Answers in numbers: how often each one was given and was right, and which were taken for which."""

from collections import Counter
from collections.abc import Mapping, Sequence

from ...prompts.task import Task
from ..messages import AnswerTally, Confusion
from ..messages.scores import Outcome
from .score_history import ExampleKey

_ANSWERS, _CONFUSIONS = 12, 8
"""Greatest numbers of answers and of confusions in a tally."""


def answer_tallies(
    tasks: Sequence[Task], outcomes: Mapping[ExampleKey, Outcome], golds: Mapping[ExampleKey, str]
) -> tuple[AnswerTally, ...]:
    """Return a tally for each task whose answers are options and of which some examples were answered."""
    found = []
    for task in tasks:
        if task.answer.type not in ("label", "letter"):
            continue
        pairs = [
            (golds[key], outcome)
            for key, outcome in sorted(outcomes.items())
            if key[0] == task.name and key in golds
        ]
        if pairs:
            found.append(_tally(task.name, pairs))
    return tuple(found)


def _tally(task: str, pairs: Sequence[tuple[str, Outcome]]) -> AnswerTally:
    answered = Counter(outcome.answer for _, outcome in pairs if outcome.answer is not None)
    # A further right answer, which the data may name, is no confusion.
    confused = Counter((gold, outcome.answer) for gold, outcome in pairs if not outcome.correct)
    return AnswerTally(
        task=task,
        examples=len(pairs),
        answered=dict(answered.most_common(_ANSWERS)),
        golds=dict(Counter(gold for gold, _ in pairs).most_common(_ANSWERS)),
        unreadable=sum(outcome.answer is None for _, outcome in pairs),
        confusions=tuple(
            Confusion(gold=gold, answered=answer, count=count)
            for (gold, answer), count in confused.most_common(_CONFUSIONS)
        ),
    )
