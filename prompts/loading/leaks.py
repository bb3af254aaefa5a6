"""Right answers that stand in what the model is shown."""

import re
from collections.abc import Mapping, Sequence

from ..errors import TaskError
from ..task import Example, Task
from ..wording import option_key

_FEWEST_ROWS = 8
"""With fewer rows, an answer may stand in all of them by chance."""
_NEARLY_ALL = 0.9
"""Share of the rows from which a column counts as holding the answers."""


def check_leaks(
    task: Task, columns: Mapping[str, object], placed: Sequence[tuple[str, Example]], notes: list[str]
) -> None:
    """Tell whether the context or the question gives the right answer away, for answers with options.

    Texts from which an open answer is to be taken may hold it. Appends to `notes`; raises `TaskError` if the
    column is not mapped, because then nobody has chosen to show it.
    """
    options = task.answer.labels
    if not options or len(placed) < _FEWEST_ROWS:
        return
    contexts = [(example.context or "", example.answer) for _, example in placed]
    count = sum(_names_only(text, answer, options) for text, answer in contexts)
    if count >= _NEARLY_ALL * len(placed) or _stands_for_answer(contexts, options):
        if "context" not in columns:
            raise TaskError(
                f"{placed[0][0]}: the column 'context' tells the right answer in nearly all rows, and "
                "data.columns does not name it. Rename the column if the model must not see it, or map it: "
                'data.columns = { context = "context" }.'
            )
        notes.append(
            f"task {task.name}: the column {columns['context']!r} (context) tells the right answer in nearly "
            "all rows. Do not map it if the model should find the answer itself."
        )
    count = sum(_names_only(example.question, example.answer, options) for _, example in placed)
    if count >= _NEARLY_ALL * len(placed):
        notes.append(
            f"task {task.name}: the question holds the right answer, and no other label, in {count} of "
            f"{len(placed)} rows. Check that the column of the answer is not part of it."
        )


def _names_only(text: str, answer: str, options: Sequence[str]) -> bool:
    """Return whether `text` holds the right label as a whole word, and no other label."""
    key = option_key(text)
    return _holds(key, answer) and not any(_holds(key, option) for option in options if option != answer)


def _holds(key: str, label: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(option_key(label))}(?!\w)", key) is not None


def _stands_for_answer(pairs: Sequence[tuple[str, str]], options: Sequence[str]) -> bool:
    """Return whether each label has a text of its own, such as the index of the label."""
    texts = {text for text, _ in pairs}
    return "" not in texts and len(texts) == len(set(pairs)) == len({a for _, a in pairs}) == len(options)
