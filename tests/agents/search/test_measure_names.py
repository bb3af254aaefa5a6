"""The names of measures in constraints and weights."""

from typing import Any

import pytest
from curator_making import task

from transfer_prompting.agents.search.measure_names import check_measures, compared
from transfer_prompting.agents.search.settings import SearchOptions
from transfer_prompting.prompts.metrics.settings import MetricSettings
from transfer_prompting.prompts.task import Task

COMPOSITE = {"objective": "composite"}


def with_metrics(*metrics: Any) -> Task:
    made = tuple(MetricSettings.model_validate(metric) for metric in metrics)
    return task("far").model_copy(update={"metrics": made})


GRADED = with_metrics("token_f1", "length", {"use": "json_fields", "name": "fields"})


@pytest.mark.parametrize(
    "search",
    [
        {},
        {"constraints": ["length >= 0.9", "fields.price >= 0.5", "metric >= 0.2", "cut <= 0.1"]},
        {**COMPOSITE, "weights": {"metric": 1, "length": 0.5, "accuracy": 0.1}},
        {"wording": {"dimensions": ["clarity"]}, "constraints": ["clarity >= 0.5"]},
    ],
)
def test_known_names(search: dict[str, Any]) -> None:
    """Measures, further metrics and their parts, and judged dimensions may have limits and weights."""
    check_measures(SearchOptions.model_validate(search), [task("near"), GRADED])


@pytest.mark.parametrize(
    ("search", "message"),
    [
        (
            {"constraints": ["lenght >= 0.9"]},
            r"search\.constraints: unknown measure lenght; known are metric,",
        ),
        (
            {**COMPOSITE, "weights": {"acuracy": 1}},
            r"search\.weights: unknown measure acuracy; .*length, fields",
        ),
        ({"constraints": ["clarity >= 0.5"]}, r"unknown measure clarity.*need a \[search\.wording\]"),
        ({"constraints": ["token_f1 >= 0.5"]}, 'token_f1 is the main metric, which is called "metric" here'),
        ({"constraints": ["price.fields >= 0.5"]}, r"unknown measure price\.fields"),
    ],
)
def test_unknown_names(search: dict[str, Any], message: str) -> None:
    """Other names are refused, with the place and the names that are known."""
    with pytest.raises(ValueError, match=message):
        check_measures(SearchOptions.model_validate(search), [task("near"), GRADED])


def test_taken_names() -> None:
    """A metric must not have the name of a measure or of a judged dimension."""
    with pytest.raises(ValueError, match="metric ifr: a measure has this name already"):
        check_measures(SearchOptions(), [with_metrics("token_f1", {"use": "length", "name": "ifr"})])
    judged = SearchOptions.model_validate({"wording": {"dimensions": ["clarity"]}})
    with pytest.raises(ValueError, match="metric clarity"):
        check_measures(judged, [with_metrics("token_f1", {"use": "length", "name": "clarity"})])


def test_the_measures_of_the_front() -> None:
    """A Pareto front is over the main metric, the measures with a weight, and the further metrics."""
    search = SearchOptions.model_validate({**COMPOSITE, "weights": {"ifr": 1, "auroc": 0}})
    assert compared(search, [GRADED]) == ["metric", "ifr", "length", "fields"]
