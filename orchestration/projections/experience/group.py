"""What one model answered in one kind of task, over all runs, and the lessons of that."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ....agents.experience.carried import CarriedLesson
from ....agents.experience.conditions import Topics
from ....agents.experience.learning import learn, sentences_of
from ....agents.experience.lessons import Lesson
from ....agents.experience.relevance import inputs_of
from ....agents.messages.scores import Outcome
from ....prompts.candidate import Candidate, normalised
from ....prompts.task import AnswerType, Task
from .paired import ExampleKey, PairedChanges, PairedCounts, SentenceKey, paired_changes
from .tallies import Formats, Operators


class GroupKey(NamedTuple):
    """A model and a kind of task: answers to other kinds or by other models are not comparable."""

    model: str
    """Identity of the scorer's model."""
    answers: AnswerType
    texts: tuple[str, ...]
    """Names of the texts that a prompt consists of."""


@dataclass(frozen=True, slots=True)
class Place:
    """An event of a log."""

    run: str
    seq: int


@dataclass(frozen=True, slots=True)
class Learned:
    """The worth of a sentence, and what that rests on."""

    lesson: Lesson
    share: float
    """Share of the inputs that hold the topic of the lesson."""
    labels: tuple[str, ...]
    """Labels of the tasks that the sentence names."""
    own: bool
    """Whether it is a sentence of a task's own first prompts."""
    runs: tuple[str, ...]
    """Runs in which a prompt with the sentence was answered."""
    brought: Place
    """Event that brought the first prompt with the sentence."""
    changed: PairedCounts | None
    """Examples that it fixed and broke; None if no prompt with it was compared with a parent without it, or
    if this was not asked for."""

    def carried(self, key: GroupKey) -> CarriedLesson:
        """Return the lesson for other runs."""
        return CarriedLesson(
            lesson=self.lesson,
            model=key.model,
            answers=key.answers,
            share=self.share,
            labels=self.labels,
            runs=len(self.runs),
        )


class Group:
    """The answers of one model in one kind of task."""

    def __init__(self, key: GroupKey) -> None:
        self.key = key
        self.tasks: dict[str, Task] = {}
        """Digest -> task."""
        self.operators, self.formats = Operators(), Formats()
        self.answers: dict[str, dict[ExampleKey, tuple[int, float]]] = defaultdict(dict)
        """Candidate -> digest of the task and id of the example -> seq and main metric in [0, 1]."""
        self.runs: dict[str, set[str]] = defaultdict(set)
        """Candidate -> names of the runs that scored it."""
        self.candidates: dict[str, Candidate] = {}
        self.brought: dict[str, Place] = {}
        """Candidate -> event that brought it."""
        self.best: set[str] = set()
        """Ids of the prompts that were the best of a stage."""

    def score(
        self, candidate: Candidate, brought: Place, at: Place, digest: str, outcomes: Iterable[Outcome]
    ) -> None:
        """Enter answers. Of several to one example, such as those of a copied run, the first one stays.

        So the order in which runs are read does not matter.
        """
        id_ = candidate.id
        if id_ not in self.brought or brought.seq < self.brought[id_].seq:
            self.candidates[id_], self.brought[id_] = candidate, brought
        self.runs[id_].add(at.run)
        self.formats.add(self.tasks[digest], outcomes)
        known = self.answers[id_]
        for outcome in outcomes:
            entry = (at.seq, outcome.value)
            known[digest, outcome.example] = min(known.get((digest, outcome.example), entry), entry)

    def learned(self, changes: Mapping[SentenceKey, PairedChanges] | None = None) -> list[Learned]:
        """Return the worth of every sentence, from the best to the worst by evidence.

        `changes` are those of the group, for whoever shows what the sentences fixed and broke.
        """
        tasks = [self.tasks[digest] for digest in sorted(self.tasks)]
        topics = Topics.of_inputs(text for task in tasks for text in inputs_of(task))
        answers = self._values()
        order = list(answers)
        found = learn([self.candidates[id_] for id_ in order], answers, self.key.texts, (), topics)
        holders, own, labels = self._holders(order), _own_sentences(tasks), _labels(tasks)
        changed = changes or {}
        return [
            self._told(
                one,
                holders[one.text, one.sentence],
                own,
                labels,
                topics,
                changed.get((one.text, one.sentence)),
            )
            for one in found
        ]

    def changes(self) -> dict[SentenceKey, PairedChanges]:
        """Return the examples that sentences fixed and broke."""
        return paired_changes(self.candidates, self._values(), self.key.texts)

    def _values(self) -> dict[str, dict[ExampleKey, float]]:
        """Return candidate -> example -> main metric, in a fixed order."""
        return {
            id_: {key: value for key, (_, value) in sorted(self.answers[id_].items())}
            for id_ in sorted(self.answers)
        }

    def _holders(self, order: Sequence[str]) -> dict[tuple[str, str], list[str]]:
        """Return text and sentence -> ids of the candidates that hold it."""
        holders: dict[tuple[str, str], list[str]] = defaultdict(list)
        single = len(self.key.texts) == 1
        for id_ in order:
            for name, sentences in sentences_of(self.candidates[id_].text, self.key.texts).items():
                for sentence in sentences:
                    holders["" if single else name, sentence].append(id_)
        return holders

    def _told(
        self,
        lesson: Lesson,
        holders: Sequence[str],
        own: set[str],
        labels: Sequence[str],
        topics: Topics,
        changes: PairedChanges | None,
    ) -> Learned:
        digests = {digest for id_ in holders for digest, _ in self.answers[id_]}
        kept = any(id_ in self.best for id_ in holders)
        words = f" {normalised(lesson.sentence)} "
        return Learned(
            lesson=lesson.model_copy(update={"tasks": len(digests), "kept": kept}),
            share=round(topics.share(lesson.topic), 6) if lesson.topic else 0.0,
            labels=tuple(label for label in labels if f" {normalised(label)} " in words),
            own=normalised(lesson.sentence) in own,
            runs=tuple(sorted({run for id_ in holders for run in self.runs[id_]})),
            brought=min((self.brought[id_] for id_ in holders), key=lambda place: place.seq),
            changed=changes.counts if changes else None,
        )


def _own_sentences(tasks: Iterable[Task]) -> set[str]:
    """Return the sentences of the tasks' own first prompts."""
    found: set[str] = set()
    for task in tasks:
        for prompt in task.initial_prompts:
            for sentences in sentences_of(prompt, task.texts).values():
                found.update(map(normalised, sentences))
    return found


def _labels(tasks: Iterable[Task]) -> list[str]:
    return sorted({label for task in tasks for label in task.answer.labels})
