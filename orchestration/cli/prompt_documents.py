"""Prompts and their measures as `show --json` and `best --by --json` print them."""

from pydantic import BaseModel, ConfigDict

from ...agents.messages.scores import Measure


class PromptMeasures(BaseModel):
    """A prompt of a stage.

    `changed` names the texts in which it differs from its parent, if a prompt has several. Values of
    `by_task` and `measures` lie in [0, 1] and are null if undefined. `vector` holds every measure with its
    number of examples and its 95 % interval.
    """

    model_config = ConfigDict(extra="forbid")

    id: str
    operator: str
    parents: list[str]
    changed: list[str]
    text: str
    by_task: dict[str, float]
    measures: dict[str, float | None]
    vector: dict[str, Measure]
    n: int
    stopped_at: int | None
    promoted: bool
    test_score: float | None
    test_vector: dict[str, Measure] | None


class PromptDocument(BaseModel):
    """Every measure of one prompt, stage by stage."""

    model_config = ConfigDict(extra="forbid")

    run: str
    id: str
    stages: dict[str, PromptMeasures]


class LeaderDocument(BaseModel):
    """The prompt on the Pareto front that is best in the measure `by`."""

    model_config = ConfigDict(extra="forbid")

    run: str
    by: str
    prompt: PromptMeasures
