"""The objective of a run: what the score of a prompt is made of, and what decides.

With the objective "metric" the score is the main metric alone. With "composite" it is the weighted mean of
several measures (arXiv 2502.14211). Both are a vector of weights, and this module alone makes it.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from ...prompts.metrics.builtin import metrics_of, title
from ...prompts.task import Task

Objective = Literal["metric", "composite"]
MAIN = "metric"
"""Measure that holds the mean of the main metric."""
METRIC_WEIGHTS: Mapping[str, float] = {MAIN: 1.0}
"""Weights of the objective "metric"."""
DEFAULT_WEIGHTS: Mapping[str, float] = {
    MAIN: 0.5,
    "ifr": 0.2,
    "one_minus_ece": 0.1,
    "auroc": 0.1,
    "pr_p": 0.1,
    # By chance alone PR-N equals the error rate: a weight here would reward wrong answers.
    "pr_n": 0.0,
    "brevity_prompt": 0.0,
    "brevity_answer": 0.0,
}
"""Measure -> weight in the composite score. The paper does not publish its weights; these are this
project's choice."""
COMPOSITE_TITLE = "composite score"


def objective_weights(objective: Objective, weights: Mapping[str, float]) -> Mapping[str, float]:
    """Return the weights of the measures in the score; `weights` are those of the composite."""
    return METRIC_WEIGHTS if objective == "metric" else weights


def recorded_weights(search: Mapping[str, Any] | None) -> Mapping[str, float]:
    """Return the weights of the measures in the scores of a run, from the search settings in its log.

    Logs without an objective were written when the composite decided.
    """
    found = search or {}
    return objective_weights(found.get("objective", "composite"), found.get("weights") or DEFAULT_WEIGHTS)


def is_composite(weights: Mapping[str, float]) -> bool:
    """Return whether the score is made of more than the main metric."""
    return any(weight for name, weight in weights.items() if name != MAIN)


def metric_title(task: Task) -> str:
    """Return the name of a task's main metric in the user's words, such as "accuracy" or "token F1"."""
    return title(metrics_of(task)[0], task.answer.type)


def common_title(tasks: Sequence[Task]) -> str:
    """Return the title of the main metric of several tasks; "main metric" if they differ."""
    titles = {metric_title(task) for task in tasks}
    return titles.pop() if len(titles) == 1 else "main metric"
