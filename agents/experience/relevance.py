"""Which lessons are of use for a task: those that its inputs and answers give an occasion for."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from ...prompts.candidate import normalised
from ...prompts.request import input_text
from ...prompts.task import Task
from .conditions import Topics, condition, words_of
from .lessons import Lesson

_LEAST, _GENERAL = 0.5, 1.0
"""Evidence, in standard deviations, that a rule needs, and a sentence about no inputs in particular."""
_KEPT = 1.0
"""Evidence, in standard deviations, for standing in the best prompt, which has won races."""
_LEFT = 40
"""Greatest number of further lessons that are carried over as material."""
_SURPRISE = 0.05
"""Probability of not meeting a topic at which it is taken to be absent from the task."""


def evidence(lesson: Lesson) -> float:
    """Return the evidence that the sentence helps, in standard deviations."""
    return lesson.z + _KEPT * lesson.kept


class Relevance:
    """The relevance of lessons from `sources` to `target`, told from its inputs, without their answers."""

    def __init__(self, target: Task, sources: Sequence[Task], topics: Topics) -> None:
        inputs = [words_of(text) for text in inputs_of(target)]
        self._counts = Counter(word for words in inputs for word in words)
        self._inputs = len(inputs)
        self._described = words_of(target.description)
        self._topics = topics
        labels = {label for task in sources for label in task.answer.labels}
        self._foreign = {normalised(label) for label in labels - set(target.answer.labels)}
        own = (*sources, target)
        self._own = {normalised(text) for task in own for text in task.initial_prompts}

    def selected(self, lessons: Iterable[Lesson]) -> list[Lesson]:
        """Return the lessons to merge into a prompt, from the best to the worst by evidence.

        Of several with one condition the one with the most evidence stays.
        """
        ranked = sorted(lessons, key=lambda lesson: (-evidence(lesson), lesson.sentence))
        return list(self._one_a_condition(filter(self._wanted, ranked)))

    def applies(self, lesson: Lesson) -> bool:
        """Return whether the target gives an occasion for the sentence.

        The absence of a topic from few inputs is no surprise, and so no evidence. A sentence that names an
        answer which only the sources have would mislead.
        """
        words = f" {normalised(lesson.sentence)} "
        if normalised(lesson.sentence) in self._own or any(f" {one} " in words for one in self._foreign):
            return False
        topic = lesson.topic
        if not topic or self._counts[topic] or topic in self._described:
            return True
        return (1 - self._topics.share(topic)) ** self._inputs > _SURPRISE

    def left_over(self, lessons: Iterable[Lesson], rules: Sequence[Lesson]) -> tuple[Lesson, ...]:
        """Return the lessons that helped and were not merged as `rules`, as material for the operators."""
        left = (one for one in lessons if one.mean > 0 and one not in rules and self.applies(one))
        return tuple(islice(left, _LEFT))

    def _wanted(self, lesson: Lesson) -> bool:
        needed = _LEAST if lesson.topic else _GENERAL
        return evidence(lesson) >= needed and self.applies(lesson)

    def _one_a_condition(self, ranked: Iterable[Lesson]) -> Iterator[Lesson]:
        taken: set[tuple[str, str]] = set()
        for lesson in ranked:
            key = (lesson.text, condition(lesson.sentence) if lesson.topic else lesson.sentence)
            if key not in taken:
                taken.add(key)
                yield lesson


def inputs_of(task: Task) -> list[str]:
    """Return the inputs of the training and development examples, as a request shows them."""
    return [input_text(task, example) for example in (*task.train, *task.dev)]
