"""Verdict of a run on held-out data."""

from collections.abc import Mapping, Sequence

import numpy as np
import pytest
from outcome_making import graded, outcomes, scores_of

from transfer_prompting.agents.messages import PromptScored, RunFinished
from transfer_prompting.agents.messages.scores import Measure, Outcome, Score
from transfer_prompting.agents.scoring import comparison
from transfer_prompting.agents.scoring.comparison import compare
from transfer_prompting.agents.scoring.objective import METRIC_WEIGHTS
from transfer_prompting.agents.scoring.verdict import conclude
from transfer_prompting.prompts.candidate import Candidate, make_candidate

BEST, INITIAL, CONTROL = (make_candidate(text, "history") for text in ("Best.", "Initial.", "Control."))
RIGHT = {BEST: "+" * 18 + "--", INITIAL: "+" * 4 + "-" * 16, CONTROL: "+" * 17 + "---"}
COMPOSITE = {"metric": 0.2, "one_minus_ece": 0.8}


def scored(candidate: Candidate, found: Sequence[Outcome]) -> PromptScored:
    score = Score(composite=0.5, measures={"metric": Measure(value=0.5, n=20)})
    return scores_of(candidate, score, found, "far", "final", "test")


def concluded(**finalists: Candidate) -> RunFinished:
    final = {c.id: scored(c, outcomes(RIGHT[c])) for c in finalists.values()}
    return conclude(finalists, final, METRIC_WEIGHTS, seed=1)


def compared(
    best: Sequence[Outcome], initial: Sequence[Outcome], weights: Mapping[str, float] = METRIC_WEIGHTS
) -> RunFinished:
    """Return the verdict on a best and an initial prompt with these outcomes."""
    final = {BEST.id: scored(BEST, best), INITIAL.id: scored(INITIAL, initial)}
    return conclude({"best": BEST, "initial": INITIAL}, final, weights, 1, "token F1")


def test_improvement() -> None:
    """If the whole interval lies above zero and the test agrees, the verdict is an improvement."""
    verdict = concluded(best=BEST, initial=INITIAL)
    assert verdict.improved
    assert verdict.verdict.startswith("improvement found: accuracy 0.200 -> 0.900 (+70.0 points, 95 %")
    [main] = verdict.comparisons
    assert (main.measure, main.title, main.best, main.other, main.n) == ("metric", "accuracy", 0.9, 0.2, 20)
    assert verdict.p_value is not None
    assert verdict.p_value < 0.001
    assert (verdict.test, verdict.smallest_gain) == ("exact McNemar test", None)
    assert (verdict.control, verdict.against_control) == (None, ())


def test_no_improvement() -> None:
    """A difference that may be chance is no improvement, and neither is a loss."""
    for best, initial in ((BEST, CONTROL), (INITIAL, BEST)):
        verdict = concluded(best=best, initial=initial)
        assert not verdict.improved
        assert verdict.verdict.startswith("no improvement found")


def test_the_interval_alone_is_not_enough() -> None:
    """Five gains without a loss have an interval above zero and p = 0.06: no improvement."""
    verdict = compared(outcomes("+" * 5 + "-" * 15), outcomes("-" * 20))
    [main] = verdict.comparisons
    assert main.low > 0
    assert verdict.p_value == pytest.approx(0.0625)
    assert not verdict.improved


def test_the_gain_that_would_have_been_seen() -> None:
    """Without an improvement the verdict says which gain these examples would have shown."""
    verdict = concluded(best=BEST, initial=CONTROL)
    assert verdict.smallest_gain is not None
    points = f"{100 * verdict.smallest_gain:.0f} points"
    assert f"; a gain of {points} would have been seen four times out of five" in verdict.verdict


def test_the_same_prompt() -> None:
    """If the best prompt is the initial one, there is no improvement, no p-value and no gain to be seen."""
    verdict = concluded(best=BEST, initial=BEST)
    assert (verdict.improved, verdict.p_value, verdict.test) == (False, None, None)
    assert verdict.smallest_gain is None
    assert "would have been seen" not in verdict.verdict


def test_control() -> None:
    """With a control, the best prompt is also compared with it on the same examples."""
    verdict = concluded(best=BEST, initial=INITIAL, control=CONTROL)
    assert verdict.control == CONTROL
    expected = compare(outcomes(RIGHT[BEST]), outcomes(RIGHT[CONTROL]), METRIC_WEIGHTS, 1)
    assert verdict.against_control == expected
    assert "; against the control accuracy +5.0 points (" in verdict.verdict
    assert verdict.improved


def test_graded_values() -> None:
    """The verdict on graded values has the metric's own name and the permutation test."""
    base = np.linspace(0.1, 0.6, 30)
    verdict = compared(graded(list(base + 0.1)), graded(list(base)))
    assert verdict.improved
    assert verdict.test == "paired permutation test"
    assert "token F1 0.350 -> 0.450 (+10.0 points" in verdict.verdict
    assert verdict.verdict.endswith("paired permutation test), on 30 held-out examples")


def test_a_composite_comes_after_the_main_metric() -> None:
    """With a composite objective its score decides, and stands after the main metric."""
    best, initial = outcomes("++-" * 10, 0.7), outcomes("++-" * 10, 0.1)
    verdict = compared(best, initial, COMPOSITE)
    assert [c.measure for c in verdict.comparisons] == ["metric", "composite"]
    assert verdict.improved
    assert ", composite score 0." in verdict.verdict
    assert verdict.verdict.index("token F1") < verdict.verdict.index("composite score")


def test_calibration_does_not_pay_for_wrong_answers() -> None:
    """A composite that rises while the main metric credibly falls is no improvement."""
    best, initial = outcomes("+" * 3 + "-" * 27, 0.1), outcomes("+" * 15 + "-" * 15, 1.0)
    verdict = compared(best, initial, COMPOSITE)
    assert not verdict.improved
    assert verdict.best == verdict.initial


def test_false_improvements_are_rare(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of two prompts that do equally well in a graded metric, at most one in twenty is an improvement."""
    monkeypatch.setattr(comparison, "RESAMPLES", 200)
    random, runs = np.random.default_rng(4), 200
    improved = 0
    for _ in range(runs):
        base = random.beta(0.6, 0.4, 40)
        one, other = (np.clip(base + random.normal(0, 0.2, 40), 0, 1) for _ in range(2))
        improved += compared(graded(list(one)), graded(list(other))).improved
    # 5 % plus three standard deviations; two-sided tests make half of their errors on this side.
    assert improved <= runs * 0.05 + 3 * (runs * 0.05 * 0.95) ** 0.5
