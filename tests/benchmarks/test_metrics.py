"""The benchmark of the metrics measures what it says."""

import metrics
import pytest

from transfer_prompting.prompts.metrics.builtin import grade
from transfer_prompting.prompts.metrics.registry import METRICS


def test_every_metric_is_measured() -> None:
    """The benchmark has outputs for each built-in metric."""
    assert set(metrics.CASES) == set(METRICS)


@pytest.mark.parametrize("name", METRICS)
def test_outputs_are_right_and_wrong(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the two outputs of a metric, one is worth 1 and the other less."""
    seen = []
    monkeypatch.setattr(metrics, "grade", lambda *given: seen.append(grade(*given).value))
    monkeypatch.setattr(metrics, "SECONDS", 0)
    case = metrics.CASES[name]
    metrics.microseconds(name, case, case.right)
    metrics.microseconds(name, case, case.wrong)
    assert seen[0] == 1
    assert seen[-1] < 1
