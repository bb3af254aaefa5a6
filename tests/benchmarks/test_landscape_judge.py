"""The noise that the judge role measures is the noise of its model."""

from math import sqrt

import pytest
from landscape import make_landscape
from landscape.judge import Judge
from landscape.words import MANNERS
from wording_judge_making import Stepped

from transfer_prompting.agents.messages import PromptJudged
from transfer_prompting.prompts.candidate import make_candidate

FINE: dict[str, object] = {
    "name": "manners",
    "scale": [0, 100],
    "dimensions": [
        {"name": "manners", "question": "Is it polite?", "low": "it is rude", "high": "it is polite"}
    ],
}
"""A scale on which rounding adds almost nothing to the noise."""
WORLD = make_landscape("noisy_judge", seed=3)


def judged(
    noise: float, quality: int, samples: int, text: str = "", rubric: dict[str, object] = FINE
) -> PromptJudged:
    """Return the verdict on a prompt that shows `quality` of the four good manners."""
    said = " ".join([text, *(said for _, said in list(MANNERS.values())[:quality])])
    model = Judge(WORLD.seed, noise)
    stepped = Stepped(WORLD.target, lambda request: model(request).text, rubric=rubric, samples=samples)
    return stepped.judge(candidate=make_candidate(said, "initial"))


@pytest.mark.parametrize("noise", [0.05, 0.25])
@pytest.mark.parametrize("quality", [1, 2, 3])
def test_measured_noise_is_the_true_one(noise: float, quality: int) -> None:
    """Even errors up to `noise` have the standard deviation noise / sqrt(3) and leave the mean as it is."""
    verdict = judged(noise, quality, 400)
    assert verdict.unreadable == 0
    assert verdict.noise["manners"] == pytest.approx(noise / sqrt(3), rel=0.08)
    measure = verdict.measures["manners"]
    assert measure.value == pytest.approx(quality / 4, abs=4 * noise / sqrt(3 * 400))


def test_a_judge_without_noise() -> None:
    """If the model always says the same, no noise is measured."""
    verdict = judged(0.0, 2, 10)
    assert (verdict.noise["manners"], verdict.measures["manners"].value) == (0.0, 0.5)


def test_a_coarse_scale_adds_to_the_noise() -> None:
    """On five grades, errors up to a quarter become a step down, none, or a step up, as 1 to 2 to 1."""
    coarse = judged(0.25, 2, 400, rubric={**FINE, "scale": [1, 5]})
    assert coarse.noise["manners"] == pytest.approx(0.25 / sqrt(2), rel=0.08)


def test_the_interval_holds_the_truth() -> None:
    """With three samples the 95 % interval covers the true value for most of 300 prompts."""
    covered = 0
    for number in range(300):
        measure = judged(0.25, 2, 3, text=f"Prompt {number}.").measures["manners"]
        assert measure.low is not None
        assert measure.high is not None
        covered += measure.low <= 0.5 <= measure.high
    assert 0.9 <= covered / 300 <= 1
