"""The truth of the graded landscapes is what the project's own grader finds over many examples."""

from math import isclose, sqrt
from statistics import fmean, pstdev, stdev

import pytest
from graded_asking import graded
from landscape import GRADED, Sizes, World, make_graded, make_permuted_world
from landscape.letters import make_letter_world
from landscape.tag_world import BREVITY, make_tag_world
from landscape.tags import expected_f1, topic_sets
from landscape.words import HEDGE, TIPS
from landscape.world import HELPFUL

MANY = Sizes(train=10, dev=10, test=700)


def prompts_of(world: World) -> list[str]:
    """Return the first prompt, the best one, a part of its rules, and one with general sentences."""
    initial, best = world.task.initial_prompts[0], world.best_prompt()
    return [initial, best, ". ".join(best.split(". ")[:4]) + ".", f"{initial} {TIPS[0]} {TIPS[3]}"]


def close(values: list[float], truth: float) -> bool:
    """Return whether the truth lies within four standard errors of the mean."""
    return abs(fmean(values) - truth) <= 4 * stdev(values) / sqrt(len(values)) + 1e-9


@pytest.mark.parametrize("helpful", [True, False])
@pytest.mark.parametrize("name", GRADED)
def test_the_true_value_is_the_mean_over_many_examples(name: str, helpful: bool) -> None:
    """The expected values of the main metric and the further ones lie near those of the grader."""
    world = make_graded(name, 3, MANY, helpful=helpful)
    for prompt in prompts_of(world):
        outcomes = graded(world, prompt)
        assert close([outcome.value for outcome in outcomes], world.true_value(prompt)), prompt
        for measure, truth in world.true_measures(prompt).items():
            assert close([outcome.metrics[measure] for outcome in outcomes], truth), prompt


@pytest.mark.parametrize("name", GRADED)
def test_rules_are_worth_something_only_if_they_help(name: str) -> None:
    """The best prompt is better than the first where rules help, and no prompt is better where none does."""
    helpful, useless = (make_graded(name, 3, Sizes(5, 5, 5), helpful=helps) for helps in (True, False))
    assert (
        helpful.true_value(helpful.best_prompt()) > helpful.true_value(helpful.task.initial_prompts[0]) + 0.2
    )
    values = {round(useless.true_value(prompt), 9) for prompt in prompts_of(helpful)}
    assert len(values) == 1


def test_tags_get_values_between_none_and_all() -> None:
    """F1 takes values other than 0 and 1, and feedback names the tag that is missing."""
    outcomes = graded(make_tag_world(1, Sizes(5, 5, 100), HELPFUL, limited=False), "Sort it.")
    assert len({outcome.graded for outcome in outcomes}) > 4
    failed = [outcome for outcome in outcomes if outcome.value < 1]
    assert all("Missing: " in outcome.feedback["set_f1"] for outcome in failed)


def test_the_expected_f1_by_hand() -> None:
    """One topic seen with probability p, and else a wrong tag or none, gives p; two by the four outcomes."""
    assert isclose(expected_f1([0.3], 0.5), 0.3)
    # Both right 1; one right and one wrong 2/4; one right and none 2/3; none right 0.
    assert isclose(expected_f1([0.6, 0.6], 0.5), 0.36 + 0.48 * (0.5 / 2 + 0.5 * 2 / 3))


def test_the_sets_of_topics_are_all_there_are() -> None:
    """Their probabilities add up to one, and a message of one topic has it by its weight."""
    sets = topic_sets({"a": 0.5, "b": 0.3, "c": 0.2})
    assert isclose(sum(sets.values()), 1)
    assert isclose(sets["a",], 0.3 * 0.5)


@pytest.mark.parametrize("noise", [0.0, 0.1, 0.2])
def test_the_noise_of_the_judge_is_the_one_asked_for(noise: float) -> None:
    """Letters of middling care get values that scatter by `noise` around the truth."""
    world = make_letter_world(2, Sizes(5, 5, 900), HELPFUL, noise)
    values = [outcome.value for outcome in graded(world, "Sort it.")]
    quiet = make_letter_world(2, Sizes(5, 5, 900), HELPFUL, 0.0)
    true = [outcome.value for outcome in graded(quiet, "Sort it.")]
    errors = [value - truth for value, truth in zip(values, true, strict=True) if 0.25 < truth < 0.75]
    assert pstdev(errors) == pytest.approx(noise, rel=0.1, abs=1e-3)
    assert abs(fmean(errors)) <= 4 * noise / sqrt(len(errors)) + 1e-9


def test_rules_cost_brevity() -> None:
    """Each rule lengthens the replies, so the best prompt that is brief enough has not all of them."""
    world = make_tag_world(1, Sizes(5, 5, 5), HELPFUL, limited=True)
    free = make_tag_world(1, Sizes(5, 5, 5), HELPFUL, limited=False)
    assert world.true_measures(world.best_prompt())[BREVITY] >= 0.8
    assert world.true_measures(free.best_prompt())[BREVITY] < 0.8
    assert world.true_value(world.best_prompt()) < free.true_value(free.best_prompt())


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_wrong_labels_limit_the_accuracy(share: float) -> None:
    """The accuracy on permuted answers is known, for shy answers too."""
    world = make_permuted_world(2, MANY, share)
    for prompt in (*prompts_of(world), f"{world.task.initial_prompts[0]} {HEDGE}"):
        assert close([outcome.value for outcome in graded(world, prompt)], world.true_value(prompt)), prompt


def test_permuted_answers_keep_their_numbers() -> None:
    """The answers are those of before in another order, and about three in four of the chosen are wrong."""
    before, after = (make_permuted_world(5, Sizes(100, 100, 100), share) for share in (0.0, 0.5))

    def answers(world: World) -> list[str]:
        return sorted(e.answer for e in (*world.task.train, *world.task.dev, *world.task.test))

    assert answers(before) == answers(after)
    assert before.wrong == frozenset()
    assert 80 <= len(after.wrong) <= 140


def test_shy_answers_are_the_trap() -> None:
    """The sentence that makes answers shy costs accuracy and makes the stated confidence honest."""
    world = make_permuted_world(2, MANY, 1.0)
    prompt = world.task.initial_prompts[0]
    assert world.loss > 0.2
    bold, shy = (graded(world, text) for text in (prompt, f"{prompt} {HEDGE}"))
    assert {outcome.confidence for outcome in bold} == {0.95}
    assert {outcome.confidence for outcome in shy} == {0.05}
