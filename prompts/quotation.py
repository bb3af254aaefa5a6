"""Recognise what a text repeats of the rows of a task, so that it can be shared without them."""

import re
from collections.abc import Iterable, Iterator

from .message_templates import value_text
from .task import Example, Task

_WORD = re.compile(r"\w+")
_LONGEST_PART = 25
"""Characters, from the beginning of a word, from which a common part is no coincidence."""
_SHORTEST = 4
"""Characters of the shortest value that is looked for; shorter ones are words such as "yes"."""
_MOST_WORDS = 12
"""Words up to which a whole value is looked for; a longer one has a long part in common anyway."""


class Rows:
    """The rows of tasks: their questions, contexts, choices, columns and answers, in all splits.

    Labels are no part of a row, since the task itself names them.
    """

    def __init__(self, tasks: Iterable[Task]) -> None:
        self._parts: set[str] = set()
        self._wholes: set[str] = set()
        for task in tasks:
            labels = {_key(label) for label in task.answer.labels}
            for example in (*task.train, *task.dev, *task.test):
                for value in _values(example):
                    self._add(_key(value), labels)

    def quoted(self, text: str) -> bool:
        """Return whether a text holds a whole value of a row, or a part of one of 25 characters or more."""
        key = _key(text)
        return any(part in self._parts for part in _parts(key)) or any(
            span in self._wholes for span in _spans(key.split(" "))
        )

    def _add(self, key: str, labels: set[str]) -> None:
        self._parts.update(_parts(key))
        if len(key) >= _SHORTEST and key.count(" ") < _MOST_WORDS and key not in labels:
            self._wholes.add(key)


def _values(example: Example) -> Iterator[str]:
    yield from (example.question, example.context or "", *(example.choices or ()), *example.right_answers)
    yield from map(value_text, example.columns.values())


def _key(text: str) -> str:
    """Return the words of a text in lower case, with one space between them."""
    return " ".join(_WORD.findall(text.casefold()))


def _parts(key: str) -> Iterator[str]:
    """Yield the parts of the telling length, from each beginning of a word, or anywhere in a longer word."""
    for at in range(len(key) - _LONGEST_PART + 1):
        part = key[at : at + _LONGEST_PART]
        if at == 0 or key[at - 1] == " " or " " not in part:
            yield part


def _spans(words: list[str]) -> Iterator[str]:
    for first in range(len(words)):
        for last in range(first + 1, min(len(words), first + _MOST_WORDS) + 1):
            yield " ".join(words[first:last])
