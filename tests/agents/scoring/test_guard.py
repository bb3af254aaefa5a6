"""The guard of the main metric."""

import numpy as np
from outcome_making import graded, outcomes

from transfer_prompting.agents.scoring.guard import worse


def test_worse() -> None:
    """A prompt with many more wrong answers is credibly worse; a better or an equal one never is."""
    good, bad = outcomes("+" * 30), outcomes("+" * 15 + "-" * 15)
    p_value = worse(bad, good)
    assert p_value is not None
    assert p_value < 0.001
    assert worse(good, bad) is worse(good, good) is None


def test_few_examples_prove_little() -> None:
    """Four examples lost of four, or five of ten with one gained, are no credible loss; five of five are."""
    assert worse(outcomes("----"), outcomes("++++")) is None
    assert worse(outcomes("-----+----"), outcomes("+++++-----")) is None
    assert worse(outcomes("-----"), outcomes("+++++")) is not None


def test_small_steady_losses() -> None:
    """Of graded values a small loss on nearly every example is credible."""
    base = np.linspace(0.2, 0.9, 20)
    assert worse(graded(list(base - 0.05)), graded(list(base))) is not None


def test_the_level() -> None:
    """A stricter level lets the same loss pass."""
    bad, good = outcomes("-----"), outcomes("+++++")
    assert worse(bad, good, 0.01) is None
