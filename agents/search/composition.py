"""Composition: the best prompt with the sentences that have helped and without those that have harmed.

A race tells whole prompts apart, and throws away what the losers have taught. All answers of a stage together
tell what every sentence is worth, so a rule of a prompt that lost for another reason can join the best one.
"""

from collections.abc import Sequence

from ...prompts.candidate import Candidate, make_candidate
from ...prompts.demonstrations import split_prompt
from ...prompts.named_texts import join_texts, split_texts
from ...prompts.task import Task
from ..experience.conditions import condition
from ..experience.lessons import Lesson
from ..experience.merging import merged
from .sentence_worths import SentenceWorths
from .standings import Standings

COMPOSED = "composed"
"""Operator of a prompt that was composed."""
_JOINS, _JOINS_GENERAL = 0.5, 1.0
"""Evidence, in standard deviations, for a rule to join, and for a sentence about no inputs in particular."""
_LEAVES = -0.5
"""Evidence, in standard deviations, for a sentence to leave."""


class Composer:
    """Composes prompts for a stage on `tasks`; they may have so many `characters`."""

    def __init__(self, tasks: Sequence[Task], characters: int) -> None:
        self._names = tasks[0].texts
        self._same = all(task.texts == self._names for task in tasks)
        self._characters = characters
        self._worths = SentenceWorths(tasks)
        self._made: set[str] = set()
        """Ids of the prompts that were composed; one that was rejected is not composed again."""

    def compose(self, standings: Standings) -> Candidate | None:
        """Return the composed prompt; None if the answers speak for no change, or for a known prompt."""
        best = standings.best
        if best is None or not self._same:
            return None
        text = self._composed(standings[best].text, self._worths.lessons(standings))
        made = make_candidate(text, COMPOSED, (best,))
        if not made.text or made.id in standings or made.id in self._made:
            return None
        self._made.add(made.id)
        return made

    def _composed(self, prompt: str, lessons: Sequence[Lesson]) -> str:
        held = [one for one in lessons if one.kept]
        joining = _joining(held, [one for one in lessons if not one.kept])
        leaving = [one for one in held if one.z <= _LEAVES or _rival(one, joining) is not None]
        return merged(self._without(prompt, leaving), self._names, joining, self._characters)[0]

    def _without(self, prompt: str, leaving: Sequence[Lesson]) -> str:
        """Return a prompt without some of its sentences; a text keeps its last one."""
        instruction, demonstrations = split_prompt(prompt)
        texts = split_texts(instruction, self._names)
        if texts is None:
            return prompt
        for lesson in leaving:
            name = lesson.text or self._names[0]
            texts[name] = _cut(texts[name], lesson.sentence) or texts[name]
        return join_texts(texts) + demonstrations


def _joining(held: Sequence[Lesson], others: Sequence[Lesson]) -> list[Lesson]:
    """Return the sentences to add, from the best to the worst by evidence, one for each condition."""
    joining: list[Lesson] = []
    for lesson in others:
        rival = _rival(lesson, held)
        enough = lesson.z >= (_JOINS if lesson.topic else _JOINS_GENERAL)
        if enough and _rival(lesson, joining) is None and (rival is None or rival.mean < lesson.mean):
            joining.append(lesson)
    return joining


def _rival(lesson: Lesson, others: Sequence[Lesson]) -> Lesson | None:
    """Return the first of `others` with the condition of a lesson, which says what to do in the same case."""
    if not lesson.topic:
        return None
    case = lesson.text, condition(lesson.sentence)
    return next((one for one in others if one.topic and (one.text, condition(one.sentence)) == case), None)


def _cut(text: str, sentence: str) -> str:
    """Return a text without a sentence and without the space that it leaves."""
    before, _, after = text.partition(sentence)
    return (before.rstrip(" ") + (" " if before and after else "") + after.lstrip(" ")).strip()
