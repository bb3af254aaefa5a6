"""A lesson on its way from earlier runs to a new one, with what a new task needs to weigh it."""

from pydantic import BaseModel, ConfigDict, Field

from ...prompts.task import AnswerType
from .lessons import Lesson

_OTHER_MODEL = 0.5
"""Share of its worth that a lesson is credited with on a model that it was not learned on."""


class CarriedLesson(BaseModel):
    """A lesson with the model and the kind of task that it was learned on."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    lesson: Lesson
    model: str = Field(max_length=1000)
    """Identity of the model whose answers it was learned from."""
    answers: AnswerType
    """Type of the answers of the tasks that it was learned on."""
    share: float = Field(default=0.0, ge=0, le=1, allow_inf_nan=False)
    """Share of the inputs of these tasks that hold the topic of the lesson."""
    labels: tuple[str, ...] = ()
    """Labels of these tasks that the sentence names."""
    runs: int = Field(default=1, ge=0)
    """Number of runs that it was learned from."""

    def for_model(self, model: str) -> Lesson:
        """Return the lesson as it is weighed for a model; what another model liked counts for less."""
        if model == self.model:
            return self.lesson
        return self.lesson.model_copy(update={"mean": self.lesson.mean * _OTHER_MODEL})
