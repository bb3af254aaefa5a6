"""Tasks with every form of answer, and functions that read replies to them."""

from typing import Any

from transfer_prompting.prompts.reading.answers import read_output
from transfer_prompting.prompts.reading.reading import Reading
from transfer_prompting.prompts.task import AnswerFormat, Example, Frame, Task

ASKED = Example(id="e1", question="Which?", answer="?", choices=("a dog", "a cat", "a cow"))
TAGS = ("sports", "politics", "business", "science & tech", "food, drink")
SCHEMA = """{"type": "object", "required": ["name", "count"], "additionalProperties": false, "properties":
{"name": {"type": "string"}, "count": {"type": "integer"}}}"""


def demanding(type_: str, frame: Frame = "own", **form: Any) -> Task:
    """Return a task whose answers have the form `form`."""
    return Task(
        name="toy",
        description="Decide.",
        answer=AnswerFormat.model_validate({"type": type_, **form}),
        initial_prompts=("Answer.",),
        frame=frame,
    )


def reading(text: str, task: Task, *, cut: bool = False) -> Reading:
    """Return the reading of a reply."""
    return read_output(text, task, ASKED, cut=cut)[0]


def answer(text: str, task: Task, *, cut: bool = False) -> str | None:
    """Return the answer in a reply."""
    return reading(text, task, cut=cut).answer
