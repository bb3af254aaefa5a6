"""The plots of the report draw what rounding has done to their numbers."""

import pytest

from transfer_prompting.orchestration.projections.held_out import CalibrationBin, Reliability
from transfer_prompting.orchestration.report.plots import reliability_plot


@pytest.mark.parametrize("off", [1e-16, 2e-12, -1e-16])
def test_an_interval_that_misses_its_value(off: float) -> None:
    """An interval that ends just before its own value is drawn as ending there."""
    ends = {"accuracy_low": 0.7 + off, "accuracy_high": 0.7 - off}
    bins = (CalibrationBin(low=0.6, high=0.7, confidence=0.65, accuracy=0.7, examples=10, **ends),)
    assert "<svg" in reliability_plot([Reliability("best", "p1", bins)])
