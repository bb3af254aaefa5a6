"""The sentences of one prompt: the event that brought each of them, and its worth in the run."""

from collections.abc import Sequence
from dataclasses import dataclass

from ....agents.experience.lessons import Lesson
from ....agents.experience.rules import rules_of
from .fold import Experience


@dataclass(frozen=True, slots=True)
class ToldSentence:
    """A sentence of a prompt. Its worth is in the main metric per example; None if nothing was answered."""

    sentence: str
    seq: int | None
    """Event that brought the first prompt of the run with the sentence."""
    prompt: str | None
    """Id of that prompt."""
    mean: float | None
    sd: float | None
    examples: int
    """Number of examples that prompts both with it and without it have answered."""


def sentences_of_prompt(experience: Experience, run: str, text: str) -> tuple[ToldSentence, ...]:
    """Return the sentences of a prompt of `run`, in order; `experience` is that of the run."""
    lessons = _lessons(experience)
    first: dict[str, tuple[int, str]] = {}
    for candidate, place in experience.brought(run):
        for sentence in rules_of(candidate.text):
            first.setdefault(sentence, (place.seq, candidate.id))
    return tuple(_told(one, lessons.get(one, ()), first.get(one)) for one in rules_of(text))


def _lessons(experience: Experience) -> dict[str, list[Lesson]]:
    found: dict[str, list[Lesson]] = {}
    for group in experience.groups.values():
        for learned in group.learned():
            found.setdefault(learned.lesson.sentence, []).append(learned.lesson)
    return found


def _told(sentence: str, lessons: Sequence[Lesson], first: tuple[int, str] | None) -> ToldSentence:
    seq, prompt = first or (None, None)
    # A sentence can stand in several texts, or in prompts for several kinds of tasks.
    lesson = max(lessons, key=lambda one: one.examples, default=None)
    if lesson is None:
        return ToldSentence(sentence, seq, prompt, None, None, 0)
    return ToldSentence(sentence, seq, prompt, lesson.mean, lesson.sd, lesson.examples)
