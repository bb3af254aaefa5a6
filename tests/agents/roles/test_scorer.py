"""The scorer's requests, and the scores that it makes of the replies."""

from math import log
from typing import Any

import pytest
from scorer_making import PLAIN, reply, scorer

from transfer_prompting.agents.messages.scores import Measure
from transfer_prompting.agents.models.base import ModelReply, ModelRequest
from transfer_prompting.agents.scoring.evaluator import evaluate
from transfer_prompting.agents.scoring.measures import LIKELIHOODS
from transfer_prompting.agents.scoring.objective import METRIC_WEIGHTS
from transfer_prompting.prompts.candidate import make_candidate

OTHER = make_candidate("Say it.", "initial")


def test_scores_add_up() -> None:
    """A score is over all that the candidate has answered; outcomes and tokens are those of the block."""
    answers = iter("xxxy")
    made = scorer(lambda _: reply(f"Answer: {next(answers)}\nConfidence: 90"))
    first = made.score(0, 1)
    second = made.score(5, 3)
    assert (first.seen, second.seen) == (2, 4)
    assert (first.score.value("accuracy"), second.score.value("accuracy")) == (1.0, 0.75)
    assert [outcome.example for outcome in second.outcomes] == ["dev-5", "dev-3"]
    assert (second.prompt_tokens, second.completion_tokens) == (20, 4)
    expected = evaluate([*first.outcomes, *second.outcomes], METRIC_WEIGHTS)
    assert second.score.composite == expected.composite
    assert {name: second.score.value(name) for name in expected.measures} == {
        name: measure.value for name, measure in expected.measures.items()
    }


def test_scores_are_kept_apart() -> None:
    """Another candidate, another stage and the held-out split each begin at nothing."""
    made = scorer()
    made.score(0, 1, 2)
    assert made.score(0, candidate=OTHER).seen == 1
    assert made.score(0, stage="control").seen == 1
    assert made.score(0, split="test", purpose="final").seen == 1
    assert made.score(3).seen == 4


def test_one_request_for_each_example() -> None:
    """All examples of a request are asked together, each with the candidate and its id in a few words."""
    made = scorer(max_tokens=7)
    made.score(4, 2)
    [asked] = made.asked
    assert [about for about, _ in asked] == [f"{PLAIN.id} / dev-4", f"{PLAIN.id} / dev-2"]
    for _, request in asked:
        assert PLAIN.text in request.messages[-1].text
        assert (request.max_tokens, request.options) == (7, None)


@pytest.mark.parametrize(
    ("text", "answer", "correct", "followed", "confidence"),
    [
        ("Answer: x\nConfidence: 90", "x", True, True, 0.9),
        ("Answer: y\nConfidence: 10", "y", False, True, 0.1),
        ("I do not know what to say about this at all", None, False, False, None),
    ],
)
def test_what_a_reply_means(
    text: str, answer: str | None, correct: bool, followed: bool, confidence: float | None
) -> None:
    """A stated answer is right or wrong with its confidence; an unreadable one is wrong without any."""
    [outcome] = scorer(lambda _: reply(text)).score(0).outcomes
    found = (outcome.answer, outcome.correct, outcome.followed, outcome.confidence)
    assert found == (answer, correct, followed, confidence)


def both(model: Any, **options: Any) -> Any:
    """A scorer whose model states its answer and tells the likelihoods of "y" and "x"."""
    return scorer(model, labels=("y", "x"), answer="both", **options)


def test_stated_answer_and_likelihood_in_one_request() -> None:
    """With both, one request has options and lead; the stated answer counts, its likelihood is noted."""
    made = both(lambda _: reply("Answer: x\nConfidence: 60", (log(0.1), log(0.3))))
    scored = made.score(0)
    [[(_, request)]] = made.asked
    assert (request.options, request.lead) == (("y", "x"), "Answer:")
    assert "Confidence:" in request.messages[-1].text
    [outcome] = scored.outcomes
    assert (outcome.answer, outcome.followed) == ("x", True)
    assert (outcome.confidence, outcome.likelihood) == (0.6, 0.75)


def test_calibration_of_both() -> None:
    """The score vector has the calibration of stated confidences and, under other names, of likelihoods."""
    answers = iter([("x", 60, 0.3), ("y", 90, 0.2), ("x", 80, 0.9)])

    def answer(_request: ModelRequest) -> ModelReply:
        stated, confidence, other = next(answers)
        shares = (1 - other, other) if stated == "x" else (other, 1 - other)
        return reply(f"Answer: {stated}\nConfidence: {confidence}", (log(shares[0]), log(shares[1])))

    score = both(answer).score(0, 1, 2).score
    assert score.value("brier") == pytest.approx((0.4**2 + 0.9**2 + 0.2**2) / 3)
    assert score.value("brier_likelihood") == pytest.approx((0.7**2 + 0.2**2 + 0.1**2) / 3, abs=1e-5)
    assert {score.measures[name].n for name in LIKELIHOODS} == {3}


def test_likelihoods_that_nobody_knows() -> None:
    """Where a server told no likelihoods, their measures are undefined and rest on nothing."""
    score = both(lambda _: reply("Answer: x\nConfidence: 60")).score(0, 1).score
    assert [score.measures[name] for name in LIKELIHOODS] == [Measure(value=None, n=0)] * len(LIKELIHOODS)
    assert score.value("ece") == pytest.approx(0.4)


def test_an_unreadable_answer_has_no_likelihood() -> None:
    """Nobody can say how likely an answer was that cannot be read."""
    [outcome] = both(lambda _: reply("well", (log(0.1), log(0.3)))).score(0).outcomes
    assert (outcome.answer, outcome.likelihood) == (None, None)


def test_both_without_options() -> None:
    """An open answer has no options: it is stated, and that is all."""
    made = scorer(answer="both")
    assert made.score(0).outcomes[0].likelihood is None
    assert made.asked[0][0][1].options is None


def test_guesses() -> None:
    """Several guesses are asked for and read, with room for each; the likeliest is the answer."""
    text = "Guess 1: y\nProbability 1: 30\nGuess 2: x\nProbability 2: 65"
    made = both(lambda _: reply(text, (log(0.5), log(0.5))), guesses=4, max_tokens=10)
    [outcome] = made.score(0).outcomes
    request = made.asked[0][0][1]
    assert "Give your 2 best guesses" in request.messages[-1].text
    assert (request.max_tokens, request.lead) == (40, "Guess 1:")
    assert (outcome.answer, outcome.confidence, outcome.followed) == ("x", 0.65, True)
    assert outcome.likelihood == 0.5


def test_likelihoods() -> None:
    """With answers by likelihood the best option is the answer, and its share of the likelihood how sure."""
    made = scorer(lambda _: reply("", (log(0.1), log(0.3))), labels=("y", "x"), answer="likelihood")
    [outcome] = made.score(0).outcomes
    assert made.asked[0][0][1].options == ("y", "x")
    assert (outcome.answer, outcome.correct, outcome.followed) == ("x", True, None)
    assert outcome.confidence == 0.75
