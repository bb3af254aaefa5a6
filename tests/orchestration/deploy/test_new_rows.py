"""New rows become the examples that the loader of tasks makes of such rows, without right answers."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from task_making import LETTER, YES_NO, example
from winner_making import winner_of

from transfer_prompting.orchestration.deploy.new_rows import RowReader
from transfer_prompting.prompts.errors import TaskError
from transfer_prompting.prompts.loading.task_settings import TaskSettings
from transfer_prompting.prompts.task import Example, Task

SHOWN = "Look: {{ Review Text }} {{ when.day }} {{ pic }}"


def settings_of(task: Task, **data: Any) -> TaskSettings:
    """Return the settings from which a task was loaded."""
    answer = {"type": task.answer.type, "labels": task.answer.labels}
    return TaskSettings.model_validate(
        {
            "description": "Decide.",
            "initial_prompts": task.initial_prompts,
            "answer": answer,
            "data": {"all": "all.csv", **data},
        }
    )


def made(task: Task, cells: dict[str, Any], settings: TaskSettings | None = None) -> Example:
    """Return the example that a row becomes."""
    winner = winner_of(task, task.initial_prompts[0])
    return RowReader(winner, settings).example(("new.jsonl:1", cells), 1)


OWN = YES_NO.model_copy(update={"initial_prompts": (SHOWN,), "dev": (example(question="", columns={}),)})
USUAL = YES_NO.model_copy(update={"dev": (example(context="It is."),)})
LETTERED = LETTER.model_copy(update={"dev": (example("A", choices=("a", "b")),)})


def test_cells_without_json() -> None:
    """Dates and decimals are kept as the loader keeps them, inside lists and objects, too."""
    image = [{"type": "image_url", "image_url": {"url": "https://x.example/a.png"}}]
    cells = {
        "Review Text": [Decimal("1.5"), date(2024, 1, 2)],
        "when": {"day": date(2024, 1, 2)},
        "pic": image,
    }
    columns = made(OWN, {**cells, "unused": b"x"}).columns
    assert columns == {"Review Text": [1.5, "2024-01-02"], "when.day": "2024-01-02", "pic": image}


def test_missing_columns() -> None:
    """With data.missing = "empty" a column that a row lacks, or that is null, is empty, else an error."""
    cells: dict[str, Any] = {"Review Text": None, "when": {}}
    found = made(OWN, cells, settings_of(OWN, missing="empty")).columns
    assert found == {"Review Text": "", "when.day": "", "pic": ""}
    for settings, hint in ((settings_of(OWN), r"Text, when\.$"), (None, "give its --config")):
        with pytest.raises(TaskError, match=f"new.jsonl:1: there is no column 'when.day', which .*{hint}"):
            made(OWN, cells, settings)
    with pytest.raises(TaskError, match="the column 'Review Text', which the request names, is null"):
        made(OWN, {**cells, "when": {"day": 1}, "pic": ""}, settings_of(OWN))


def test_chats_that_cannot_be_sent() -> None:
    """A part that is neither text nor an image that can be sent is an error of its row."""
    part = [{"type": "image_url", "image_url": {"url": "/etc/passwd"}}]
    with pytest.raises(TaskError, match=r"new\.jsonl:1: the column 'pic' cannot be sent: .*etc/passwd"):
        made(OWN, {"Review Text": "", "when": {"day": 1}, "pic": part})


def test_mapped_fields() -> None:
    """Question, context and choices stand in the columns that the task maps, and need not be mapped."""
    mapped = settings_of(USUAL, columns={"question": "q.text", "context": "passage"})
    found = made(USUAL, {"q": {"text": " Why? "}, "passage": date(2024, 1, 2)}, mapped)
    assert (found.question, found.context, found.columns) == ("Why?", "2024-01-02", {})
    assert made(USUAL, {"question": 7}).context is None
    several = settings_of(LETTERED, columns={"choices": ["one", "two"]})
    assert made(LETTERED, {"question": "?", "one": " x", "two": 2}, several).choices == ("x", "2")
    assert made(LETTERED, {"question": "?", "choices": '["x", 2]'}).choices == ("x", "2")


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ({"question": "?"}, "need a list of 2 to 26 choices"),
        ({"question": "?", "choices": ["x"]}, "need a list of 2 to 26 choices"),
        ({"question": "?", "choices": "x"}, "choices must be a list"),
        ({"question": None, "choices": ["x", "y"]}, "the question is empty"),
        ({"question": ["x"], "choices": ["x", "y"]}, "holds a list of 1, not a text"),
    ],
)
def test_rows_of_no_use(cells: dict[str, Any], message: str) -> None:
    """A row that cannot be asked about is an error that names its place."""
    with pytest.raises(TaskError, match=f"new.jsonl:1: .*{message}"):
        made(LETTERED, cells)
