"""Verdict of a run on held-out data."""

from outcome_making import outcomes

from transfer_prompting.agents.messages import PromptScored, RunFinished
from transfer_prompting.agents.messages.scores import Measure, Score
from transfer_prompting.agents.scoring.comparison import compare
from transfer_prompting.agents.scoring.verdict import conclude
from transfer_prompting.prompts.candidate import Candidate, make_candidate

BEST, INITIAL, CONTROL = (make_candidate(text, "history") for text in ("Best.", "Initial.", "Control."))
WEIGHTS = {"accuracy": 1.0}
RIGHT = {BEST: "+" * 18 + "--", INITIAL: "+" * 4 + "-" * 16, CONTROL: "+" * 17 + "---"}


def scored(candidate: Candidate) -> PromptScored:
    return PromptScored(
        stage="target",
        step=1,
        purpose="final",
        candidate=candidate.id,
        task="far",
        split="test",
        score=Score(composite=0.5, measures={"accuracy": Measure(value=0.5, n=20)}),
        outcomes=tuple(outcomes(RIGHT[candidate])),
        prompt_tokens=0,
        completion_tokens=0,
    )


def concluded(**finalists: Candidate) -> RunFinished:
    return conclude(finalists, {c.id: scored(c) for c in finalists.values()}, WEIGHTS, seed=1)


def test_improvement() -> None:
    """If the whole interval lies above zero, the verdict is an improvement with its evidence."""
    verdict = concluded(best=BEST, initial=INITIAL)
    assert verdict.improved
    assert verdict.verdict.startswith("improvement found: accuracy 0.200 -> 0.900")
    assert [(c.measure, c.best, c.other, c.n) for c in verdict.comparisons] == [
        ("metric", 0.9, 0.2, 20),
        ("composite", 0.9, 0.2, 20),
    ]
    assert verdict.p_value is not None
    assert verdict.p_value < 0.001
    assert (verdict.control, verdict.against_control) == (None, ())


def test_no_improvement() -> None:
    """A difference that may be chance is no improvement, and neither is a loss."""
    for best, initial in ((BEST, CONTROL), (INITIAL, BEST)):
        verdict = concluded(best=best, initial=initial)
        assert not verdict.improved
        assert verdict.verdict.startswith("no improvement found")


def test_the_same_prompt() -> None:
    """If the best prompt is the initial one, there is no improvement and no p-value."""
    verdict = concluded(best=BEST, initial=BEST)
    assert (verdict.improved, verdict.p_value) == (False, None)


def test_control() -> None:
    """With a control, the best prompt is also compared with it on the same examples."""
    verdict = concluded(best=BEST, initial=INITIAL, control=CONTROL)
    assert verdict.control == CONTROL
    expected = compare(outcomes(RIGHT[BEST]), outcomes(RIGHT[CONTROL]), WEIGHTS, 1)
    assert verdict.against_control == expected
    assert "against the control accuracy +5.0 points" in verdict.verdict
    assert verdict.improved
