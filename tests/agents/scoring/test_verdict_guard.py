"""The verdict is the last takeover, under the guard of the main metric."""

import pytest
from outcome_making import outcomes

from transfer_prompting.agents.messages import PromptScored, RunFinished
from transfer_prompting.agents.messages.scores import Measure, Score
from transfer_prompting.agents.scoring.verdict import conclude
from transfer_prompting.prompts.candidate import Candidate, make_candidate

FOUND, INITIAL, CONTROL = (make_candidate(text, "history") for text in ("Found.", "Initial.", "Control."))
RIGHT = {FOUND: "+" * 3 + "-" * 27, INITIAL: "+" * 15 + "-" * 15, CONTROL: "+" * 14 + "-" * 16}
CALIBRATION = {"metric": 0.2, "one_minus_ece": 0.8}


def concluded(weights: dict[str, float], **finalists: Candidate) -> RunFinished:
    """Return the verdict; the prompt that was found is seldom right and never sure."""
    final = {
        candidate.id: PromptScored(
            stage="target",
            step=1,
            purpose="final",
            candidate=candidate.id,
            task="far",
            split="test",
            score=Score(composite=0.5, measures={"metric": Measure(value=0.5, n=30)}),
            outcomes=tuple(outcomes(RIGHT[candidate], 0.1 if candidate == FOUND else 1.0)),
            prompt_tokens=0,
            completion_tokens=0,
        )
        for candidate in finalists.values()
    }
    return conclude(finalists, final, weights, seed=1)


@pytest.mark.parametrize("weights", [{"metric": 1.0}, CALIBRATION])
def test_a_credible_loss_gives_way_to_the_initial_prompt(weights: dict[str, float]) -> None:
    """The initial prompt is the best, compared with itself, and the sentence tells what was found."""
    verdict = concluded(weights, best=FOUND, initial=INITIAL)
    assert (verdict.best, verdict.initial, verdict.improved) == (INITIAL, INITIAL, False)
    assert (verdict.p_value, verdict.smallest_gain) == (None, None)
    assert {comparison.difference for comparison in verdict.comparisons} == {0.0}
    assert verdict.verdict.startswith("no improvement found: accuracy 0.500 -> 0.100 (-40.0 points, ")
    assert verdict.verdict.endswith("; that is credibly worse, so the initial prompt stays the best")


def test_the_composite_that_rose_is_told() -> None:
    """If calibration paid for wrong answers, the sentence shows by how much."""
    assert ", composite score 0.500 -> 0." in concluded(CALIBRATION, best=FOUND, initial=INITIAL).verdict


def test_the_control_is_compared_with_the_prompt_that_stays() -> None:
    """The initial prompt takes the place of the one that was found against the control, too."""
    verdict = concluded({"metric": 1.0}, best=FOUND, initial=INITIAL, control=CONTROL)
    assert verdict.against_control[0].best == 0.5


def test_a_loss_that_may_be_chance_changes_nothing() -> None:
    """A prompt that is only a little worse stays the best of the search, and is no improvement."""
    verdict = concluded({"metric": 1.0}, best=CONTROL, initial=INITIAL)
    assert (verdict.best, verdict.improved) == (CONTROL, False)
    assert "credibly" not in verdict.verdict
