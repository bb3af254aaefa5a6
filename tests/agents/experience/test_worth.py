"""The worth of sentences, estimated jointly with the difficulty of examples."""

from dataclasses import replace
from random import Random
from typing import Any

import numpy as np
import pytest

from transfer_prompting.agents.experience.rules import rules_of
from transfer_prompting.agents.experience.worth import Answered, Worth, worths


def simulated(
    seed: int, true: dict[str, float], prompts: int = 12, examples: int = 40
) -> list[Answered[str]]:
    """Return right and wrong answers of random prompts to random examples of unequal difficulty."""
    random = Random(seed)
    difficulty = [random.uniform(0.1, 0.7) for _ in range(examples)]
    answers = []
    for _ in range(prompts):
        held = tuple(name for name in true if random.random() < 0.5)
        # Racing: most prompts have answered only the first examples.
        for n in range(random.choice((10, 20, examples))):
            chance = min(1.0, max(0.0, difficulty[n] + sum(true[name] for name in held)))
            answers.append(Answered(held, n, float(random.random() < chance)))
    return answers


def test_good_and_bad_sentences_are_told_apart() -> None:
    """Sentences that help have more evidence than those that do nothing, and these more than harmful ones."""
    true = {"Help.": 0.25, "Help too.": 0.2, "Nothing.": 0.0, "Harm.": -0.25}
    found = [{one.sentence: one.z for one in worths(simulated(seed, true))} for seed in range(40)]
    mean = {name: sum(z[name] for z in found) / len(found) for name in true}
    assert mean["Help."] > 1.5
    assert mean["Help too."] > 1.2
    assert abs(mean["Nothing."]) < 0.5
    assert mean["Harm."] < -1.5


def test_losers_teach() -> None:
    """A sentence in a prompt that lost for another reason still gets its worth."""
    true = {"Help.": 0.3, "Ruin.": -0.5}
    answers = simulated(7, true, prompts=30)
    # Of the prompts with "Help.", those that also ruin are worse than prompts without either.
    [help_] = [one for one in worths(answers) if one.sentence == "Help."]
    assert help_.z > 1


def test_easy_examples_are_no_merit() -> None:
    """A sentence that was only tried on easy examples is worth nothing for that."""
    easy = [Answered(("Lucky.",), n, 1.0) for n in range(30)]
    easy += [Answered((), n, 1.0) for n in range(30)]
    hard: list[Answered[str]] = [Answered((), 100 + n, 0.0) for n in range(30)]
    [lucky] = worths(easy + hard)
    assert abs(lucky.mean) < 0.01


def test_the_interval_holds() -> None:
    """The true worth lies within two standard deviations in most of many simulations."""
    true = {"Help.": 0.1, "Nothing.": 0.0, "Harm.": -0.1}
    inside = [
        abs(one.mean - true[one.sentence]) <= 2 * one.sd
        for seed in range(60)
        for one in worths(simulated(seed, true, prompts=20))
    ]
    assert sum(inside) / len(inside) > 0.9


def test_order_of_the_answers_does_not_matter() -> None:
    """The estimate is a function of the set of answers, up to rounding."""
    answers = simulated(3, {"A.": 0.2, "B.": -0.1, "C.": 0.0})
    shuffled = list(answers)
    Random(1).shuffle(shuffled)

    def rounded(found: list[Worth[str]]) -> dict[str, tuple[float, float, int, int]]:
        return {
            one.sentence: (round(one.mean, 9), round(one.sd, 9), one.answers, one.examples) for one in found
        }

    assert rounded(worths(answers)) == rounded(worths(shuffled))


def test_a_last_bit_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A processor that inverts a matrix with another rounding gives the same worths in the same order.

    Twins, which always stand together, have the same worth, so the least noise would order them.
    """
    true = {"Help.": 0.2, "Twin.": 0.0, "Nothing.": 0.0, "Harm.": -0.2}
    answers = [
        replace(one, sentences=(*one.sentences, *(f"{name} Twin." for name in one.sentences)))
        for one in simulated(3, true)
    ]
    expected, inverse = worths(answers), np.linalg.inv

    def rounded_otherwise(matrix: Any) -> Any:
        noise = np.random.default_rng(1).uniform(-1e-13, 1e-13, matrix.shape)
        return inverse(matrix) * (1 + noise)

    monkeypatch.setattr(np.linalg, "inv", rounded_otherwise)
    assert worths(answers) == expected


def test_no_answers_no_worths() -> None:
    """Without answers, or without sentences, nothing is known."""
    assert worths([]) == []
    assert worths([Answered((), 1, 1.0)]) == []


def test_rules_of_a_prompt() -> None:
    """Sentences and lines are rules, each once; demonstrations and very long passages are none."""
    text = "Answer.  Be brief!\nIf it rains, say yes. Be brief! " + "word " * 100 + "end."
    assert rules_of(text) == ("Answer.", "Be brief!", "If it rains, say yes.")


def test_a_scale_lets_a_sentence_be_worth_more() -> None:
    """The larger the worth that is thought possible, the less a few answers are drawn towards zero."""
    answers = [Answered(held, n, float(bool(held))) for n in range(4) for held in (("Help.",), ())]
    [usual], [possible] = worths(answers), worths(answers, lambda _: 4.0)
    assert 0 < usual.mean < possible.mean < 1
    assert (usual.answers, usual.examples) == (possible.answers, possible.examples) == (4, 4)
