"""The worth of the sentences of a stage's prompts, told from all answers so far.

A rule for some inputs, such as "For refund cases, go by the date", is judged by the answers to inputs that
hold its topic: to the others it makes no difference, and they would only add their scatter.
"""

from collections.abc import Iterator, Sequence

from ...prompts.request import input_text
from ...prompts.task import Task
from ..experience.conditions import Topics, words_of
from ..experience.learning import sentences_of
from ..experience.lessons import Lesson
from ..experience.relevance import inputs_of
from ..experience.worth import Answered, worths
from .standings import Standings

_TOPICAL = 4.0
"""How much more a rule may be worth on inputs with its topic than a general sentence on all inputs."""
_MOST = 600
"""Greatest number of sentences that are told apart. So many do not come back from prompt to prompt."""
_Key = tuple[str, str, str]
"""Name of a text, a sentence in it, and the topic of the sentence."""


class SentenceWorths:
    """Tells the worth of sentences in the prompts for `tasks`, which have the same texts."""

    def __init__(self, tasks: Sequence[Task]) -> None:
        self._names = tasks[0].texts
        self._topics = Topics.of_inputs(text for task in tasks for text in inputs_of(task))
        self._words = {
            (task.name, example.id): words_of(input_text(task, example))
            for task in tasks
            for example in task.dev
        }

    def lessons(self, standings: Standings) -> list[Lesson]:
        """Return a lesson for every sentence, from the best to the worst by evidence; none if too many.

        The worth of a rule for some inputs is its worth on these. Those of the best prompt are `kept`.
        """
        held = {id_: list(self._keys(standings[id_].text)) for id_ in standings.ids}
        if len({key for keys in held.values() for key in keys}) > _MOST:
            return []
        kept = set(held[standings.best]) if standings.best else set()
        found = worths(self._answers(standings, held), lambda key: _TOPICAL if key[2] else 1.0)
        return [
            Lesson(
                sentence=worth.sentence[1],
                text=worth.sentence[0] if len(self._names) > 1 else "",
                mean=round(worth.mean, 6),
                sd=round(max(worth.sd, 1e-6), 6),
                answers=worth.answers,
                examples=worth.examples,
                topic=worth.sentence[2],
                kept=worth.sentence in kept,
            )
            for worth in found
        ]

    def _keys(self, prompt: str) -> Iterator[_Key]:
        for name, sentences in sentences_of(prompt, self._names).items():
            yield from ((name, sentence, self._topics.topic(sentence)) for sentence in sentences)

    def _answers(self, standings: Standings, held: dict[str, list[_Key]]) -> Iterator[Answered[_Key]]:
        for id_, keys in held.items():
            for example, value in standings.bare_utilities(id_).items():
                words = self._words.get(example, set())
                applying = tuple(key for key in keys if not key[2] or key[2] in words)
                yield Answered(applying, example, value)
