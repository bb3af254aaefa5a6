"""The smallest gain that held-out examples can show."""

from dataclasses import dataclass

import numpy as np
import pytest

from transfer_prompting.agents.scoring.paired_test import p_different
from transfer_prompting.agents.scoring.power import shown_gain, smallest_gain, usual_gain
from transfer_prompting.prompts.metrics.settings import MetricSettings
from transfer_prompting.prompts.task import AnswerFormat, Task


@dataclass(frozen=True)
class Kind:
    """A kind of values: the mean square of their differences."""

    graded: bool
    spread: float

    def drawn(self, random: np.random.Generator, n: int, gain: float) -> list[float]:
        """Return differences with this spread whose mean is expected to be `gain`."""
        if self.graded:
            deviation = np.sqrt(self.spread - gain**2)
            return list(random.normal(gain, deviation, n).clip(-1, 1))
        chances = (self.spread + gain) / 2, (self.spread - gain) / 2
        return list(random.choice([1.0, -1.0, 0.0], n, p=[*chances, 1 - self.spread]))


@pytest.mark.parametrize("n", [40, 100])
@pytest.mark.parametrize("kind", [Kind(False, 0.25), Kind(False, 0.4), Kind(True, 0.09)])
def test_it_is_seen_four_times_out_of_five(kind: Kind, n: int) -> None:
    """A gain of that size is found by the test with a probability of about 80 %."""
    random, gain = np.random.default_rng(n), smallest_gain(n, kind.spread, graded=kind.graded)
    found = [p_different(kind.drawn(random, n, gain), 1) <= 0.05 for _ in range(300)]
    # Three standard deviations are seven percent.
    assert np.mean(found) == pytest.approx(0.8, abs=0.1)


def test_more_examples_show_smaller_gains() -> None:
    """The gain shrinks with the number of examples, and grows with the spread of the differences."""
    gains = [smallest_gain(n, 0.25) for n in (3, 6, 20, 60, 200, 1000)]
    assert gains == sorted(gains, reverse=True)
    assert gains[0] == 1.0
    assert gains[3] == pytest.approx(0.185, abs=0.002)
    assert smallest_gain(60, 0.1) < smallest_gain(60, 0.4)


def test_prompts_that_hardly_differ() -> None:
    """Even of prompts without a difference so far a gain needs some examples to be seen."""
    assert 6 / 60 < shown_gain([0.0] * 60, graded=False) < 0.15
    assert shown_gain([0.01, -0.01] * 30, graded=True) < 0.05


def _task(metric: str | None = None) -> Task:
    metrics = (MetricSettings.model_validate(metric),) if metric else ()
    answer = AnswerFormat(type="text")
    return Task(name="t", description="", answer=answer, initial_prompts=("A.",), metrics=metrics)


def test_before_a_run() -> None:
    """Right and wrong answers, and metrics of unknown kind, need more examples than graded values."""
    right, f1, own = (usual_gain(_task(metric), 60) for metric in (None, "token_f1", "metrics.py:mine"))
    assert right == own == smallest_gain(60, 0.25)
    assert f1 < 0.15 < right
