"""The user's own metric functions, asked as the model `FUNCTIONS`."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from ...prompts.metrics.grade import Grade, Output
from ...prompts.task import Example, Task
from ..messages import CallFailed
from ..models.base import ChatMessage, ModelReply, ModelRequest

FUNCTIONS = "scorer.metrics"
"""Name of the model that runs the functions."""


@dataclass(frozen=True, slots=True)
class FunctionMetric:
    """A metric that is a function of the user's."""

    name: str
    model: str = FUNCTIONS

    def requests(self, task: Task, example: Example, output: Output) -> Sequence[tuple[str, ModelRequest]]:
        """Return one request with the example and the output as JSON."""
        asked = {
            "task": task.name,
            "metric": self.name,
            "example": example.model_dump(mode="json"),
            "output": asdict(output),
        }
        text = json.dumps(asked, ensure_ascii=False, sort_keys=True)
        request = ModelRequest(messages=(ChatMessage(role="user", content=text),), max_tokens=1)
        return [(f"{self.name} / {example.id}", request)]

    def again(
        self, asked: Sequence[tuple[str, ModelRequest]], answers: Sequence[ModelReply | CallFailed]
    ) -> Sequence[tuple[str, ModelRequest]]:
        """Return no further request."""
        return ()

    def grade(self, answers: Sequence[ModelReply | CallFailed]) -> Grade | None:
        """Return the grade in the reply; None if the function has failed."""
        [answer] = answers
        return None if isinstance(answer, CallFailed) else Grade(**json.loads(answer.text))
