"""Right answers that stand in what the model is shown."""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

from ..errors import TaskError
from ..message_templates import value_text
from ..task import Example, Task
from ..wording import option_key, text_key
from .placed import Placed
from .task_settings import TaskSettings
from .used_columns import UsedColumns

_FEWEST_ROWS = 8
"""With fewer rows, an answer may stand in all of them by chance."""
_MOST_ROWS = 2000
"""Number of rows that are looked at; they lie at equal distances."""
_NEARLY_ALL = 0.9
"""Share of the rows from which a column counts as holding the answers."""


def check_leaks(
    task: Task, settings: TaskSettings, used: UsedColumns, placed: Sequence[Placed], notes: list[str]
) -> None:
    """Tell whether what the model sees gives the right answer away, for answers with options.

    Texts from which an open answer is to be taken may hold it. Appends to `notes`; raises `TaskError` if the
    column is not mapped, because then nobody has chosen to show it.
    """
    looked = [one for one in placed[:: 1 + len(placed) // _MOST_ROWS] if one.example.answer]
    if task.answer.type != "label" or len(looked) < _FEWEST_ROWS:
        return
    examples = [one.example for one in looked]
    if not settings.own_request:
        _check_context(task, settings.data.columns, looked, notes)
        _check_question(task, examples, notes)
    for name in used.shown:
        pairs = [(value_text(example.columns[name]), example.answer) for example in examples]
        if _tells(pairs, task.answer.labels):
            notes.append(
                f"task {task.name}: the column {name!r}, which the model sees, tells the right answer in "
                "nearly all rows. Take it out of the messages if the model should find the answer itself."
            )


def _check_context(
    task: Task, columns: Mapping[str, object], looked: Sequence[Placed], notes: list[str]
) -> None:
    if not _tells([(one.example.context or "", one.example.answer) for one in looked], task.answer.labels):
        return
    if "context" not in columns:
        raise TaskError(
            f"{looked[0].where}: the column 'context' tells the right answer in nearly all rows, and "
            "data.columns does not name it. Rename the column if the model must not see it, or map it: "
            'data.columns = { context = "context" }.'
        )
    notes.append(
        f"task {task.name}: the column {columns['context']!r} (context) tells the right answer in nearly "
        "all rows. Do not map it if the model should find the answer itself."
    )


def _check_question(task: Task, examples: Sequence[Example], notes: list[str]) -> None:
    count = sum(_names_only(example.question, example.answer, task.answer.labels) for example in examples)
    if count >= _NEARLY_ALL * len(examples):
        notes.append(
            f"task {task.name}: the question holds the right answer, and no other label, in {count} of "
            f"{len(examples)} rows. Check that the column of the answer is not part of it."
        )


def _tells(pairs: Sequence[tuple[str, str]], options: Sequence[str]) -> bool:
    """Return whether texts, each with the right answer, give the answer away in nearly all rows."""
    count = sum(_names_only(text, answer, options) for text, answer in pairs)
    return count >= _NEARLY_ALL * len(pairs) or _stands_for_answer(pairs, options)


def _names_only(text: str, answer: str, options: Sequence[str]) -> bool:
    """Return whether `text` holds the right label as a whole word, and no other label."""
    key = text_key(text)
    return _holds(key, answer) and not any(_holds(key, option) for option in options if option != answer)


def _holds(key: str, label: str) -> bool:
    return _whole_word(label).search(key) is not None


@lru_cache(maxsize=1024)
def _whole_word(label: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){re.escape(option_key(label))}(?!\w)")


def _stands_for_answer(pairs: Sequence[tuple[str, str]], options: Sequence[str]) -> bool:
    """Return whether each label has a text of its own, such as the index of the label."""
    texts = {text for text, _ in pairs}
    return "" not in texts and len(texts) == len(set(pairs)) == len({a for _, a in pairs}) == len(options)
