"""No prompt takes over that is credibly worse in the main metric, whatever else speaks for it."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest
from curator_making import Search, of, search_settings, task
from outcome_making import outcome, scores_of

from transfer_prompting.agents.messages import Message, PromptScored, RaceFinished, ScoringRequested
from transfer_prompting.agents.messages.scores import Measure, Outcome, Score
from transfer_prompting.agents.scoring.evaluator import evaluate
from transfer_prompting.agents.search.acceptance import first_sound, held_back, race_winner, reason_to_refuse
from transfer_prompting.agents.search.metric_guard import credibly_worse, not_worse
from transfer_prompting.agents.search.race import Race
from transfer_prompting.agents.search.standings import Standings
from transfer_prompting.prompts.candidate import candidate_id, make_candidate

FAR = task("far", dev=60)
KEYS = [("far", example.id) for example in FAR.dev]
CALIBRATED: Mapping[str, float] = {"metric": 0.2, "one_minus_ece": 0.8}
"""Weights of a composite that pays for knowing that one is wrong."""
TEXTS = ("Sure.", "Humble.", "Worse.")
SURE, HUMBLE, WORSE = map(candidate_id, TEXTS)


def answers(right: str, confidence: float | None = None) -> list[Outcome]:
    """Return outcomes of the first examples from a word of + and -."""
    made = [outcome(n, sign == "+", confidence) for n, sign in enumerate(right)]
    return [one.model_copy(update={"example": KEYS[n][1]}) for n, one in enumerate(made)]


def standings(weights: Mapping[str, float], *given: Sequence[Outcome]) -> Standings:
    """Return standings of SURE, HUMBLE and so on with these outcomes."""
    made = Standings([FAR], weights)
    for text, found in zip(TEXTS, given, strict=False):
        candidate = make_candidate(text, "history")
        made.add(candidate)
        made.record(scores_of(candidate, evaluate(found, weights), found, "far"))
    return made


def raced(made: Standings, candidates: Sequence[str], incumbent: str | None) -> Race:
    """Return a race on all examples that is over."""
    race = Race(KEYS, candidates, incumbent, None)
    race.next_block()
    race.compare(made.utilities)
    race.winner = race_winner(race, made, [])
    return race


HALF, TENTH = answers("+-" * 30, 1.0), answers("+---------" * 6, 0.0)
"""A prompt that is right half of the time and always sure, and one that knows it is wrong."""


def test_calibration_does_not_pay_for_being_wrong() -> None:
    """A prompt with the higher composite and a credibly lower main metric is refused, in the user's words."""
    made = standings(CALIBRATED, HALF, TENTH)
    made.set_best(SURE)
    assert made.vector(HUMBLE).composite > made.vector(SURE).composite
    race = raced(made, [HUMBLE], SURE)
    refused = reason_to_refuse(race, made, [], CALIBRATED)
    assert refused is not None
    assert refused.startswith(
        f"{HUMBLE} is held back by its accuracy: 0.100 against 0.500 of {SURE} on the 60"
    )
    assert "examples that both answered, p = " in refused


def test_the_next_one_wins() -> None:
    """If the first of a race is held back, the next one that is ahead and sound wins, and both are told."""
    better = answers("++-" * 20, 0.5)
    made = standings(CALIBRATED, HALF, TENTH, better)
    made.set_best(SURE)
    race = raced(made, [HUMBLE, WORSE], SURE)
    assert race.winner == WORSE
    assert reason_to_refuse(race, made, [], CALIBRATED) is None
    told = held_back(race, made, [])
    assert told is not None
    assert told.startswith(f"{HUMBLE} is held back by its accuracy")


def test_a_race_without_an_incumbent() -> None:
    """Among the first prompts, too, none wins that is credibly worse than another."""
    made = standings(CALIBRATED, HALF, TENTH)
    assert raced(made, [SURE, HUMBLE], None).winner == SURE
    assert first_sound(made, [SURE, HUMBLE]) == SURE


def test_a_little_worse_may_win() -> None:
    """A prompt that is no more than a little worse takes over for its composite."""
    made = standings(CALIBRATED, HALF, answers("+-" * 28 + "----", 0.45))
    made.set_best(SURE)
    race = raced(made, [HUMBLE], SURE)
    assert race.winner == HUMBLE
    assert reason_to_refuse(race, made, [], CALIBRATED) is None


def test_only_shared_examples_count() -> None:
    """Prompts that share few examples are not told apart by the others."""
    made = standings(CALIBRATED, answers("+" * 60), answers("--"))
    assert credibly_worse(HUMBLE, SURE, made) is None
    assert credibly_worse(HUMBLE, None, made) is None


def test_many_rivals_need_more_evidence() -> None:
    """Among several candidates the level of each test is stricter."""
    made = standings(CALIBRATED, answers("+" * 3), answers("-" * 3), answers("+" * 3))
    assert not_worse([SURE, HUMBLE], made) == [SURE]
    assert not_worse([SURE, HUMBLE, WORSE], made) == [SURE, HUMBLE, WORSE]


def test_the_level_depends_on_the_objective() -> None:
    """A loss that is no more than likely keeps a prompt from winning a composite, but nothing else."""
    given = answers("+" * 4), answers("-" * 4)
    assert credibly_worse(HUMBLE, SURE, standings(CALIBRATED, *given)) is not None
    assert credibly_worse(HUMBLE, SURE, standings({"metric": 1.0}, *given)) is None


class Confident(Search):
    """A search whose scores are the evaluator's; a prompt "Humble" is wrong, and knows it."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            search_settings(steps=2, objective="composite", weights=dict(CALIBRATED), **options),
            propose=lambda request: [f"Humble {request.step} {n}" for n in range(3)],
            target=FAR,
        )
        self._seen: dict[str, list[Outcome]] = {}

    def answer(self, message: Message) -> Message | None:
        said = super().answer(message)
        if not isinstance(message, ScoringRequested) or not isinstance(said, PromptScored):
            return said
        humble = message.candidate.text.startswith("Humble")
        found = tuple(
            one.model_copy(update={"confidence": 0.0, "correct": False} if humble else {"confidence": 1.0})
            for one in said.outcomes
        )
        seen = self._seen.setdefault(f"{message.candidate.id}/{message.split}", [])
        seen += found
        return said.model_copy(update={"outcomes": found, "score": evaluate(seen, CALIBRATED)})


@pytest.mark.parametrize("racing", [True, False])
def test_a_whole_search(racing: bool) -> None:
    """In a whole search under a composite that pays for it, being wrong and knowing it never wins."""
    sent = Confident(racing=racing).play()
    races = of(RaceFinished, sent)
    assert all(race.winner is None for race in races[1:])
    assert any(race.refused and "held back by its accuracy" in race.refused for race in races)


def test_it_holds_in_noise() -> None:
    """Most takeovers by prompts that are truly 20 points worse are refused, however good their composite."""
    random, takeovers, runs = np.random.default_rng(3), 0, 150
    for _ in range(runs):
        incumbent, candidate = (
            "".join("+" if right else "-" for right in random.random(60) < share) for share in (0.6, 0.4)
        )
        made = standings(CALIBRATED, answers(incumbent, 1.0), answers(candidate, 0.5))
        made.set_best(SURE)
        race = raced(made, [HUMBLE], SURE)
        takeovers += race.winner == HUMBLE and reason_to_refuse(race, made, [], CALIBRATED) is None
    # The test sees such a loss on 60 examples nine times out of ten.
    assert takeovers <= runs / 10 + 3 * (runs * 0.09) ** 0.5


def test_weights_of_examples() -> None:
    """An example counts with its weight in utilities and in the guard."""
    weights = [4.0 if n < 10 else 1.0 for n in range(60)]
    dev = tuple(e.model_copy(update={"weight": w}) for e, w in zip(FAR.dev, weights, strict=True))
    made = Standings([FAR.model_copy(update={"dev": dev})], {"metric": 1.0})
    for text, right in zip(TEXTS, ("+" * 10 + "-" * 50, "-" * 10 + "+" * 25 + "-" * 25), strict=False):
        candidate = make_candidate(text, "history")
        made.add(candidate)
        found = [o.model_copy(update={"weight": w}) for o, w in zip(answers(right), weights, strict=True)]
        message = PromptScored(
            stage="target",
            step=1,
            purpose="search",
            candidate=candidate.id,
            task="far",
            split="dev",
            score=Score(composite=0.0, measures={"accuracy": Measure(value=0.0, n=60)}),
            outcomes=tuple(found),
            prompt_tokens=0,
            completion_tokens=0,
        )
        made.record(message)
    assert made.mean_utility(SURE, KEYS) == pytest.approx(40 / 90)
    assert made.mean_utility(HUMBLE, KEYS) == pytest.approx(25 / 90)
    assert max(made.utilities(SURE, KEYS)) == 1.0
    assert sum(made.utilities(SURE, KEYS)) > sum(made.utilities(HUMBLE, KEYS))
