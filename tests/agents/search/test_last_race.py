"""The last race of a stage."""

import pytest
from stage_making import GOOD, NEAR, PLAIN, held, stage

from transfer_prompting.agents.messages import Stage
from transfer_prompting.agents.search.last_race import rival, unanswered
from transfer_prompting.prompts.candidate import make_candidate

INITIAL = make_candidate(PLAIN.text, "initial")


@pytest.mark.parametrize(("name", "faced"), [("target", True), ("control", True), ("source", False)])
def test_rival(name: Stage, faced: bool) -> None:
    """The best prompt has to face the best initial one, except in a source stage."""
    state = stage(name)
    held(state, [INITIAL])
    held(state, [GOOD], against=INITIAL)
    assert rival(name, state.standings) == (INITIAL.id if faced else None)


def test_what_is_unanswered() -> None:
    """The best prompt and its rival have to answer their missing examples, or none if they are the same."""
    state = stage("target")
    assert unanswered("target", state.standings, [NEAR]) == {}
    held(state, [INITIAL])
    assert unanswered("target", state.standings, [NEAR]) == {}
    last = held(state, [GOOD], against=INITIAL)
    left = 40 - len(last.seen)
    assert left > 0
    assert unanswered("target", state.standings, [NEAR]) == {GOOD.id: left, INITIAL.id: left}
    assert unanswered("source", state.standings, [NEAR]) == {}
