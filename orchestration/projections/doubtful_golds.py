"""Right answers that looked wrong to a model, for the user to check and to correct in the data."""

import csv
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from io import StringIO

from ...agents.messages import GoldDoubted
from ...prompts.errors import TaskError
from ...prompts.request import input_text
from .history import RunHistory

_COLUMNS = ("task", "id", "input", "gold", "suggested", "times", "reason")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""Beginnings by which a spreadsheet takes a cell for a formula."""


@dataclass(frozen=True, slots=True)
class DoubtfulGold:
    """An example whose right answer was doubted, once or several times."""

    task: str
    id: str
    input: str
    """What the model sees of the example; "" if it was redacted."""
    gold: str
    suggested: str | None
    """Answer that was suggested most often; None if none was."""
    times: int
    """Number of replies that doubted it."""
    reason: str
    """The first reason for this suggestion."""


def doubtful_golds(history: RunHistory) -> list[DoubtfulGold]:
    """Return the doubted examples of a run, those doubted most often first."""
    doubts: dict[tuple[str, str], list[GoldDoubted]] = {}
    for _, message in history.of(GoldDoubted):
        doubts.setdefault((message.task, message.example), []).append(message)
    found = [_merged(history, messages) for messages in doubts.values()]
    return sorted(found, key=lambda doubt: -doubt.times)


def as_csv(doubts: Iterable[DoubtfulGold]) -> str:
    """Return the doubts as CSV with a header. A cell that a spreadsheet would compute begins with "'"."""
    out = StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for d in doubts:
        row = (d.task, d.id, d.input, d.gold, d.suggested or "", str(d.times), d.reason)
        writer.writerow([f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in row])
    return out.getvalue()


def _merged(history: RunHistory, messages: list[GoldDoubted]) -> DoubtfulGold:
    suggestions = Counter(message.suggested for message in messages if message.suggested)
    suggested = suggestions.most_common(1)[0][0] if suggestions else None
    first = next(message for message in messages if message.suggested == suggested)
    return DoubtfulGold(
        task=first.task,
        id=first.example,
        input=_input(history, first),
        gold=first.gold,
        suggested=suggested,
        times=len(messages),
        reason=first.reason,
    )


def _input(history: RunHistory, message: GoldDoubted) -> str:
    example, task = history.example(message.task, message.example), history.tasks.get(message.task)
    if example is None or task is None:
        return ""
    try:
        return input_text(task, example)
    except TaskError:
        return example.question
