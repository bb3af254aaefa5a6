"""Lessons from a stage: the worth of every sentence in it, told from the answers of all its prompts."""

from collections.abc import Collection, Hashable, Mapping, Sequence
from typing import TypeVar

from ...prompts.candidate import Candidate
from ...prompts.demonstrations import without_demonstrations
from ...prompts.named_texts import split_texts
from .conditions import Topics
from .lessons import Lesson
from .rules import rules_of
from .worth import Answered, worths

Example = TypeVar("Example", bound=Hashable)
"""What tells examples apart, such as the name of their task and their id."""
_SEAM = "\n"
"""Stands between the name of a text and a sentence of it, none of which holds a line break."""


def sentences_of(prompt: str, names: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Return name of a text -> its sentences; {} if the prompt does not hold the texts `names`."""
    texts = split_texts(without_demonstrations(prompt), names)
    return {name: rules_of(text) for name, text in (texts or {}).items()}


def learn(
    candidates: Sequence[Candidate],
    answers: Mapping[str, Mapping[Example, float]],
    names: Sequence[str],
    bests: Collection[str],
    topics: Topics,
    tasks: int = 1,
) -> list[Lesson]:
    """Return a lesson for every sentence of the `candidates`, from the best to the worst by evidence.

    `answers` maps candidate -> example -> utility in [0, 1], `names` are those of a prompt's texts, and
    `bests` are the best candidates of their stages.
    """
    held = {candidate.id: _keys(candidate, names) for candidate in candidates}
    kept = {sentence for id_ in bests for sentence in held.get(id_, ())}
    rows = (
        Answered(held[id_], example, value) for id_ in held for example, value in answers.get(id_, {}).items()
    )
    found = []
    for worth in worths(rows):
        text, _, sentence = worth.sentence.rpartition(_SEAM)
        found.append(
            Lesson(
                sentence=sentence,
                text=text,
                mean=round(worth.mean, 6),
                sd=round(max(worth.sd, 1e-6), 6),
                answers=worth.answers,
                examples=worth.examples,
                tasks=tasks,
                topic=topics.topic(sentence),
                kept=worth.sentence in kept,
            )
        )
    return found


def _keys(candidate: Candidate, names: Sequence[str]) -> tuple[str, ...]:
    """Return the sentences of a candidate, with the names of their texts if there are several."""
    by_text = sentences_of(candidate.text, names)
    single = len(names) == 1
    return tuple(
        sentence if single else f"{name}{_SEAM}{sentence}"
        for name, sentences in by_text.items()
        for sentence in sentences
    )
