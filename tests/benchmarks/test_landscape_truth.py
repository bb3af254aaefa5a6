"""The simulated task model behaves as the stated truth says."""

from math import sqrt
from pathlib import Path

import pytest
from asking import asked, frequency, request, texts
from landscape import KINDS, Landscape, Sizes, make_landscape
from landscape.frames import conversation
from landscape.words import ADVICE, DEFECT, MANNERS, TIPS, rule

from transfer_prompting.prompts.loading.task_loader import load_task, read_task_file
from transfer_prompting.prompts.task import Split

MANY = Sizes(train=20, dev=20, test=800)


def rules_of(world: Landscape, task: str = "target") -> list[str]:
    """Return the right rules of a task, the weightiest first."""
    return [rule(topic, world.truth.rules[topic]) for topic in world.weights[task]]


def prompts_of(world: Landscape) -> dict[str, str]:
    """Return prompts of every kind that the truth distinguishes."""
    seed, rules = world.initial_prompts[0], rules_of(world)
    topic = next(iter(world.weights["target"]))
    wrong = rule(topic, next(clue for clue in ADVICE if clue != world.truth.rules[topic]))
    shown = "\n".join(f"Text: {e.question}\nAnswer: {e.answer}" for e in world.target.train[:6])
    return {
        "seed": seed,
        "half the rules": " ".join([seed, *rules[:4]]),
        "all rules": " ".join([seed, *rules]),
        "a wrong rule": f"{seed} {wrong}",
        "right and wrong": f"{seed} {rules[0]} {wrong}",
        "tips": " ".join([seed, *TIPS]),
        "demonstrations": f"{seed}\n\nExamples:\n{shown}\n",
    }


@pytest.mark.parametrize("kind", KINDS)
def test_truth_is_the_frequency_over_many_examples(kind: str) -> None:
    """The exact accuracy of a prompt lies within four standard errors of the simulated one."""
    world = make_landscape(kind, seed=3, sizes=MANY)
    for name, prompt in prompts_of(world).items():
        truth = world.true_accuracy(prompt)
        allowed = 4 * sqrt(max(truth * (1 - truth), 1e-6) / MANY.test) + 0.005
        assert abs(frequency(world, prompt) - truth) < allowed, name


def test_a_source_task_has_its_own_truth() -> None:
    """A rule that a source task shares with the target helps there too; its own rules do not."""
    world = make_landscape("source_target", seed=3, sizes=MANY)
    source = world.tasks["source_1"]
    prompt = " ".join([source.initial_prompts[0], *rules_of(world, "source_1")])
    assert world.true_accuracy(prompt, "source_1") == world.attainable("source_1")
    assert abs(frequency(world, prompt, source) - world.true_accuracy(prompt, "source_1")) < 0.05
    assert world.true_accuracy(world.initial_prompts[0]) < world.true_accuracy(prompt) < world.attainable()


def test_the_same_question_gets_the_same_reply() -> None:
    """A reply depends only on the landscape's seed and the request."""
    replies = {asked(make_landscape("hidden_rules", seed=5), "Sort it.").text for _ in range(3)}
    assert len(replies) == 1


def test_attainable_is_what_all_rules_reach() -> None:
    """Without a cost of length the best prompt has every rule, and no prompt of this test exceeds it."""
    world = make_landscape("hidden_rules", seed=2)
    assert world.attainable() == world.true_accuracy(prompts_of(world)["all rules"])
    assert world.true_accuracy(world.initial_prompts[0]) < world.attainable()


def test_length_costs_accuracy_where_it_shall() -> None:
    """On `tradeoff` fillers lower the truth, and the best prompt has some of the rules but not all."""
    world = make_landscape("tradeoff", seed=2)
    best = world.attainable()
    prompt = prompts_of(world)["all rules"]
    assert world.true_accuracy(f"{prompt} {' '.join(TIPS)}") < world.true_accuracy(prompt) < best


def test_nothing_is_better_on_null() -> None:
    """On `null` every prompt has the same truth, while its wording changes what is observed."""
    world = make_landscape("null", seed=2, sizes=Sizes(20, 20, 200))
    prompts = prompts_of(world)
    assert {world.true_accuracy(prompt) for prompt in prompts.values()} == {world.attainable()}
    observed = {frequency(world, prompt) for prompt in prompts.values()}
    assert len(observed) > 1


def test_a_defective_seed_scores_nothing() -> None:
    """No answer can be read while the prompt has the defect; without it the prompt is worth something."""
    world = make_landscape("defective_seed", seed=2, sizes=Sizes(20, 20, 50))
    seed = world.initial_prompts[0]
    assert world.true_accuracy(seed) == frequency(world, seed) == 0
    assert world.true_accuracy(seed.replace(DEFECT, "")) > 0.4


def test_manners_asked_for_are_shown() -> None:
    """On `noisy_judge` the judge's mean score follows the true manners of the prompt."""
    world = make_landscape("noisy_judge", seed=2, sizes=Sizes(20, 20, 300))
    plain = world.initial_prompts[0]
    polite = " ".join([plain, *(sentence for sentence, _ in MANNERS.values())])
    for prompt in (plain, polite):
        replies = [asked(world, prompt, example.question).text for example in world.target.test]
        asks = [request(f"Rate the reply from 0 to 100.\n{text}", sample=n) for n, text in enumerate(replies)]
        scores = [int(score.split()[-1]) for score in texts(world.judge_model(), asks)]
        assert abs(sum(scores) / len(scores) / 100 - world.true_manners(prompt)) < 0.06


def test_options_are_scored_as_answers_are_given() -> None:
    """The likeliest option is the answer that the same prompt would get in words."""
    world = make_landscape("hidden_rules", seed=4)
    for example in world.target.dev[:20]:
        ask = request(f"Sort it. {example.question}")
        scored = world.answering(ask.model_copy(update={"options": world.target.answer.labels}))
        logprobs = scored.option_logprobs or ()
        best = world.target.answer.labels[logprobs.index(max(logprobs))]
        assert world.answering(ask).text == f"Answer: {best}", conversation(ask)


def test_written_tasks_are_read_back(tmp_path: Path) -> None:
    """The files of a landscape load as the same task."""
    world = make_landscape("source_target", seed=1, sizes=Sizes(10, 12, 14))
    world.write(tmp_path)
    for name, task in world.tasks.items():
        folder = tmp_path / name
        limits: dict[Split, int] = {"train": 99, "dev": 99, "test": 99}
        assert load_task(name, read_task_file(folder), folder, limits, 0) == task
