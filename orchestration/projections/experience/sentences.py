"""The sentences of one prompt: the event that brought each, its worth in the run, and what it changed."""

from collections.abc import Sequence
from dataclasses import dataclass

from ....agents.experience.lessons import Lesson
from ....agents.experience.rules import rules_of
from .fold import Experience
from .group import Group
from .paired import ExampleKey, PairedCounts


@dataclass(frozen=True, slots=True)
class NamedExample:
    """A development example of a task."""

    task: str
    example: str


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
    changed: PairedCounts | None
    """Prompts with it against prompts without it that they were made from, or the reverse; None if there are
    no such pairs."""
    fixed: tuple[NamedExample, ...]
    broke: tuple[NamedExample, ...]


@dataclass(frozen=True, slots=True)
class _Evidence:
    """What one kind of task tells about a sentence."""

    lesson: Lesson
    changed: PairedCounts | None
    fixed: tuple[NamedExample, ...]
    broke: tuple[NamedExample, ...]


def sentences_of_prompt(experience: Experience, run: str, text: str) -> tuple[ToldSentence, ...]:
    """Return the sentences of a prompt of `run`, in order; `experience` is that of the run."""
    evidence = _evidence(experience)
    first: dict[str, tuple[int, str]] = {}
    for candidate, place in experience.brought(run):
        for sentence in rules_of(candidate.text):
            first.setdefault(sentence, (place.seq, candidate.id))
    return tuple(_told(one, evidence.get(one, ()), first.get(one)) for one in rules_of(text))


def _evidence(experience: Experience) -> dict[str, list[_Evidence]]:
    found: dict[str, list[_Evidence]] = {}
    for group in experience.groups.values():
        changes = group.changes()
        for learned in group.learned(changes):
            lesson = learned.lesson
            changed = changes.get((lesson.text, lesson.sentence))
            fixed, broke = (
                _named(group, keys) for keys in ((changed.fixed, changed.broke) if changed else ((), ()))
            )
            found.setdefault(lesson.sentence, []).append(_Evidence(lesson, learned.changed, fixed, broke))
    return found


def _named(group: Group, keys: Sequence[ExampleKey]) -> tuple[NamedExample, ...]:
    return tuple(NamedExample(group.tasks[digest].name, example) for digest, example in keys)


def _told(sentence: str, evidence: Sequence[_Evidence], first: tuple[int, str] | None) -> ToldSentence:
    seq, prompt = first or (None, None)
    # A sentence can stand in several texts, or in prompts for several kinds of tasks.
    most = max(evidence, key=lambda one: one.lesson.examples, default=None)
    if most is None:
        return ToldSentence(sentence, seq, prompt, None, None, 0, None, (), ())
    lesson = most.lesson
    return ToldSentence(
        sentence,
        seq,
        prompt,
        lesson.mean,
        lesson.sd,
        lesson.examples,
        most.changed,
        most.fixed,
        most.broke,
    )
