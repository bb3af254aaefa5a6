"""The objective of a run, and the names of main metrics."""

import pytest

from transfer_prompting.agents.scoring.objective import (
    DEFAULT_WEIGHTS,
    METRIC_WEIGHTS,
    common_title,
    is_composite,
    metric_title,
    objective_weights,
    recorded_weights,
)
from transfer_prompting.prompts.metrics.settings import MetricSettings
from transfer_prompting.prompts.task import AnswerFormat, Task


def task(*metrics: str) -> Task:
    return Task(
        name="t",
        description="",
        answer=AnswerFormat(type="text"),
        initial_prompts=("A.",),
        metrics=tuple(MetricSettings.model_validate(metric) for metric in metrics),
    )


def test_weights() -> None:
    """The objective alone decides whether the weights of a composite count."""
    assert objective_weights("metric", {"ifr": 1.0}) == METRIC_WEIGHTS
    assert objective_weights("composite", {"ifr": 1.0}) == {"ifr": 1.0}
    assert is_composite(DEFAULT_WEIGHTS)
    assert not is_composite({"metric": 2.0, "ifr": 0.0})


@pytest.mark.parametrize(
    ("search", "weights"),
    [
        ({"weights": {"accuracy": 1.0}}, {"accuracy": 1.0}),
        ({"objective": "metric", "weights": {"accuracy": 1.0}}, METRIC_WEIGHTS),
        ({"objective": "composite", "weights": {"metric": 1.0}}, {"metric": 1.0}),
        ({}, DEFAULT_WEIGHTS),
        (None, DEFAULT_WEIGHTS),
    ],
)
def test_recorded_weights(search: dict[str, object] | None, weights: dict[str, float]) -> None:
    """A log without an objective was written when the composite decided."""
    assert recorded_weights(search) == weights


def test_titles() -> None:
    """A metric is called as the user calls it, and tasks with different metrics have a main metric."""
    assert metric_title(task()) == "accuracy"
    assert metric_title(task("token_f1", "length")) == "token F1"
    assert common_title([task(), task()]) == "accuracy"
    assert common_title([task(), task("token_f1")]) == "main metric"
