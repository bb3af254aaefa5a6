"""Summary of a loaded task, for a person who wants to know how the data were understood."""

from dataclasses import dataclass

from ..metrics.builtin import metrics_of, title
from ..request import input_text
from ..task import Example
from .golds import MEANINGS
from .task_loader import LoadedTask

_ANSWERS = {"number": "a number", "list": "a list of items", "json": "a JSON value"}


@dataclass(frozen=True, slots=True)
class TaskSummary:
    """Contents of a task, and the meaning that its data were given."""

    name: str
    description: str
    type: str
    """Type of the answers."""
    labels: tuple[str, ...]
    gold: str
    """Meaning of the right answers in the data."""
    frame: str
    """What the request says besides the user's own words."""
    metrics: tuple[str, ...]
    """Titles of the metrics, the main one first."""
    train: int
    """Number of examples in train; `dev` and `test` likewise."""
    dev: int
    test: int
    several: int
    """Number of examples with several right answers."""
    example: Example | None
    """First example of dev."""
    input: str
    """What the model sees of this example, apart from the prompt."""
    notes: tuple[str, ...]
    """Remarks on the data."""


def summarise(loaded: LoadedTask) -> TaskSummary:
    """Return the summary of a loaded task."""
    task = loaded.task
    examples = (*task.train, *task.dev, *task.test)
    return TaskSummary(
        name=task.name,
        description=task.description,
        type=task.answer.type,
        labels=task.answer.labels,
        gold=gold_in_words(loaded),
        frame=task.frame,
        metrics=tuple(title(metric, task.answer.type) for metric in metrics_of(task)),
        train=len(task.train),
        dev=len(task.dev),
        test=len(task.test),
        several=sum(bool(example.alternatives) for example in examples),
        example=task.dev[0] if task.dev else None,
        input=input_text(task, task.dev[0]) if task.dev else "",
        notes=loaded.notes,
    )


def gold_in_words(loaded: LoadedTask) -> str:
    """Return what a right answer in the data means, in words."""
    if loaded.task.answer.type in ("label", "letter"):
        return MEANINGS[loaded.gold]
    return _ANSWERS.get(loaded.task.answer.type, "a text")


def remarks(loaded: LoadedTask) -> tuple[str, ...]:
    """Return the remarks for a person who starts a run: the meaning of the right answers, and the notes."""
    if loaded.task.answer.type == "letter" or loaded.gold != "text":
        meaning = f"task {loaded.task.name}: a right answer in the data is read as {gold_in_words(loaded)}."
        return (meaning, *loaded.notes)
    return loaded.notes
