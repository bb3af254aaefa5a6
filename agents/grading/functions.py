"""The user's own functions, asked as the model `FUNCTIONS`: metrics, and one that reads answers."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from ...prompts.metrics.grade import Grade, Output
from ...prompts.reading.kinds import read_answer
from ...prompts.task import Example, Task
from ..messages import CallFailed
from ..models.base import ChatMessage, ModelReply, ModelRequest
from ..models.metric_functions import READING

FUNCTIONS = "scorer.metrics"
"""Name of the model that runs the functions."""


@dataclass(frozen=True, slots=True)
class FunctionMetric:
    """A metric that is a function of the user's."""

    name: str
    model: str = FUNCTIONS

    def requests(self, task: Task, example: Example, output: Output) -> Sequence[tuple[str, ModelRequest]]:
        """Return one request with the example and the output as JSON."""
        return [_request(self.name, task, example, output)]

    def again(
        self, asked: Sequence[tuple[str, ModelRequest]], answers: Sequence[ModelReply | CallFailed]
    ) -> Sequence[tuple[str, ModelRequest]]:
        """Return nothing: a function that has failed would fail again."""
        return ()

    def grade(self, answers: Sequence[ModelReply | CallFailed]) -> Grade | None:
        """Return the grade in the reply; None if the function has failed."""
        [answer] = answers
        return None if isinstance(answer, CallFailed) else Grade(**json.loads(answer.text))


def reading_request(task: Task, example: Example, output: Output) -> tuple[str, ModelRequest]:
    """Return the request for the answer that the task's own function reads in an output."""
    return _request(READING, task, example, output)


def answer_read(task: Task, example: Example, reply: ModelReply) -> str | None:
    """Return the answer that the function has read, in canonical form; None if it is none of its kind."""
    found = json.loads(reply.text)["answer"]
    return None if found is None else read_answer(found, task, example)


def _request(name: str, task: Task, example: Example, output: Output) -> tuple[str, ModelRequest]:
    asked = {
        "task": task.name,
        "metric": name,
        "example": example.model_dump(mode="json"),
        "output": asdict(output),
    }
    text = json.dumps(asked, ensure_ascii=False, sort_keys=True)
    request = ModelRequest(messages=(ChatMessage(role="user", content=text),), max_tokens=1)
    return f"{name} / {example.id}", request
