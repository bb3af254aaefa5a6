"""Replies with their meaning, for the tests of reading."""

import json
from pathlib import Path

from pydantic import BaseModel, ConfigDict
from task_making import task

from transfer_prompting.prompts.task import AnswerType, Example, Task

OWN = Path(__file__).parents[1] / "prompts" / "replies.jsonl"


class Case(BaseModel):
    """A reply with what a careful person takes from it."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    type: AnswerType
    labels: tuple[str, ...] = ()
    choices: tuple[str, ...] | None = None
    reply: str
    answer: str | None
    confidence: float | None
    followed: bool = False
    """True if the reply has the demanded form."""

    @property
    def task(self) -> Task:
        """The task that the reply answers."""
        return task(self.type, self.labels)

    @property
    def example(self) -> Example:
        """The example that the reply answers."""
        return Example(id="e1", question="Is it?", answer="?", choices=self.choices)


def cases(path: Path) -> list[Case]:
    """Return the cases in a file of JSON Lines."""
    return [Case(**json.loads(line)) for line in path.read_text(encoding="utf-8").split("\n") if line]
