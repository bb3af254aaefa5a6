"""The results of a finished race."""

import pytest
from stage_making import GOOD, PLAIN, POOR, held, race, stage

from transfer_prompting.agents.search.race_results import race_results


def test_results() -> None:
    """A result says whether a candidate was stopped or better, with its mean gain over the examples seen."""
    state = stage()
    held(state, [PLAIN])
    made = race(state, [GOOD, POOR], against=PLAIN)
    (good, poor), claims = race_results(made, state.standings, claims=0)
    assert (good.candidate, good.operator, good.examples) == (GOOD.id, "history", len(made.seen))
    assert good.gain == pytest.approx(0.5, abs=0.1)
    assert (poor.outcome, poor.examples) == ("stopped", made.stopped[POOR.id])
    assert poor.gain == pytest.approx(-0.5, abs=0.1)
    assert claims == 1


def test_better_needs_evidence() -> None:
    """A prompt is called better only if the evidence holds at the level that is left for its claim."""
    state = stage()
    held(state, [PLAIN])
    made = race(state, [GOOD], against=PLAIN)
    outcomes = {}
    for claims in (0, 10_000):
        [result], after = race_results(made, state.standings, claims)
        outcomes[claims] = result.outcome
        assert after == claims + 1
    assert outcomes == {0: "better", 10_000: "scored"}


def test_a_first_race_makes_no_claim() -> None:
    """Without a prompt to beat no candidate is called better, and the winner gains nothing over itself."""
    state = stage()
    results, claims = race_results(race(state, [GOOD, POOR]), state.standings, claims=0)
    assert [(r.outcome, r.gain) for r in results] == [("scored", 0.0), ("stopped", -1.0)]
    assert claims == 0
