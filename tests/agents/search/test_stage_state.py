"""The transitions of a stage: their effects, and the states in which they are illegal."""

from collections.abc import Callable
from typing import Any

import pytest
from stage_making import GOOD, NEAR, PLAIN, POOR, RULE, SETTINGS, START, empty_step, held, race, spend, stage

from transfer_prompting.agents.messages import Spent
from transfer_prompting.agents.search.race import Race
from transfer_prompting.agents.search.settings import StageSettings
from transfer_prompting.agents.search.stage_state import StageState
from transfer_prompting.agents.search.transitions import IllegalTransition
from transfer_prompting.prompts.candidate import make_candidate


def test_a_step_proposes_races_and_ends() -> None:
    """A step waits for proposals, then races, then ends; the opening is under way from the start."""
    state = stage()
    assert state.steps.racing == {0}
    state.end_step(0)
    assert state.begin_step() == 1
    assert state.steps.begun == 1
    assert (state.steps.proposing, state.steps.racing) == (frozenset({1}), frozenset())
    state.end_proposals(1)
    assert (state.steps.proposing, state.steps.racing) == (frozenset(), frozenset({1}))
    state.end_step(1)
    assert not state.steps.under_way


def test_the_opening_race_holds_steps_back() -> None:
    """No step begins during the opening race until few candidates are left in it, whose leader is known."""
    state = stage()
    opening = race(state, [GOOD, POOR])
    assert (state.races.opening, state.may_begin) == (opening, False)
    state.note_front_runner(opening)
    assert state.races.front_runner == GOOD.id
    assert state.may_begin
    state.finish_race(opening)
    assert state.races.opening is None
    assert state.standings.best == GOOD.id


def test_finished_races_count() -> None:
    """A finished race sets the best prompt, and adds the examples it saved and the claims it tested."""
    state = stage()
    first = race(state, [PLAIN])
    state.finish_race(first)
    second = race(state, [GOOD, POOR], against=PLAIN)
    results = state.finish_race(second)
    assert [result.candidate for result in results] == [GOOD.id, POOR.id]
    assert state.claims == 1
    assert state.standings.best == GOOD.id
    assert state.saved == first.saved + second.saved
    assert state.races.under_way == ()


def test_claims_go_on_from_stage_to_stage() -> None:
    """A stage counts its claims on from those that the run made before it."""
    state = StageState("target", [NEAR], StageSettings(), SETTINGS, claims=7)
    held(state, [PLAIN])
    held(state, [GOOD], against=PLAIN)
    assert state.claims == 8


def test_a_race_is_against_the_best_prompt_until_the_stage_is_closed() -> None:
    """A race has to beat the best prompt of the moment; the last race has to beat its own incumbent."""
    state = stage(steps=0)
    held(state, [PLAIN])
    held(state, [GOOD], against=PLAIN)
    made = Race([], [POOR.id], PLAIN.id, RULE)
    assert state.to_beat(made) == GOOD.id
    state.end_step(0)
    state.close()
    assert state.to_beat(made) == PLAIN.id


def test_an_example_is_asked_once() -> None:
    """An example that a candidate was asked is not asked it again, and counts as one evaluation."""
    state = stage()
    keys = [("near", "dev-1"), ("near", "dev-2")]
    assert state.take_unasked("a", keys) == keys
    assert state.take_unasked("a", [*keys, ("near", "dev-3")]) == [("near", "dev-3")]
    assert state.take_unasked("b", keys[:1]) == keys[:1]
    assert state.spent == Spent(evaluations=4)


def test_patience_and_restart() -> None:
    """After `patience` steps without a better prompt the stage wants to restart, and after that to end."""
    state = stage()
    held(state, [START])
    state.end_step(0)
    assert not state.wants_restart
    step = state.begin_step()
    held(state, [POOR], against=START)
    state.end_proposals(step)
    state.end_step(step)
    assert not state.wants_restart
    assert state.reason_to_close is None
    empty_step(state)
    assert state.wants_restart
    state.restart()
    assert not state.may_begin
    held(state, [PLAIN], against=START)
    state.end_restart()
    assert not state.wants_restart
    assert state.reason_to_close is None
    for _ in range(2):
        empty_step(state)
    assert not state.wants_restart
    assert state.reason_to_close == "2 steps without a better prompt"


def test_no_restart_on_the_way() -> None:
    """A stage that is stuck with a prompt of its own making ends without a restart."""
    state = stage()
    held(state, [GOOD])
    state.end_step(0)
    for _ in range(2):
        assert not state.wants_restart
        empty_step(state)
    assert not state.wants_restart
    assert state.reason_to_close == "2 steps without a better prompt"


def test_a_win_sets_the_patience_back() -> None:
    """A new best prompt sets the count of steps without one back."""
    state = stage()
    held(state, [PLAIN])
    state.end_step(0)
    empty_step(state)
    held(state, [GOOD], against=PLAIN)
    empty_step(state)
    assert state.reason_to_close is None
    assert not state.wants_restart


def test_steps_without_a_new_prompt() -> None:
    """Three steps without a race end the stage."""
    state = stage(patience=9)
    held(state, [PLAIN])
    state.end_step(0)
    for _ in range(3):
        assert state.reason_to_close is None
        empty_step(state)
    assert state.reason_to_close == "3 steps without a new prompt"


def test_the_last_race_is_kept_for() -> None:
    """A budget is used up once no more is left than the last race will take."""
    state, initial = stage("target", budget=100), make_candidate(PLAIN.text, "initial")
    held(state, [initial])
    last = held(state, [GOOD], against=initial)
    owed = 2 * (last.total - len(last.seen))
    assert owed > 0
    spend(state, 100 - owed - 1)
    assert state.reason_to_close is None
    spend(state, 1)
    kept = f"{100 - owed} evaluations and {owed} for the last race, with a budget of 100"
    assert state.reason_to_close == kept


def test_a_halt_ends_everything() -> None:
    """In a halted run the stage has a reason to close, begins nothing, and can be closed with that reason."""
    state = stage()
    state.halt("the money is gone")
    assert (state.may_begin, state.wants_restart) == (False, False)
    state.end_step(0)
    state.close()
    assert state.closed == state.reason_to_close == state.halted == "the money is gone"


def _opened(state: StageState) -> Race:
    made = Race([("near", "dev-1")], [GOOD.id], None, RULE)
    state.open_race(made)
    return made


def _close_too_often(state: StageState) -> None:
    state.halt("the money is gone")
    state.end_step(0)
    state.close()
    state.close()


def _close_without_reason(state: StageState) -> None:
    state.end_step(0)
    state.close()


def _end_twice(state: StageState) -> None:
    state.end_step(0)
    state.end_step(0)


def _restart_twice(state: StageState) -> None:
    held(state, [PLAIN], ifr=0.0)
    state.restart()
    state.end_restart()
    state.restart()


def _finish_twice(state: StageState) -> None:
    state.finish_race(held(state, [PLAIN]))


def _race_when_halted(state: StageState) -> None:
    state.halt("the money is gone")
    _opened(state)


def _begin_when_halted(state: StageState) -> None:
    state.halt("the money is gone")
    state.begin_step()


ILLEGAL: dict[str, tuple[Callable[[StageState], Any], str]] = {
    "proposals of no step": (lambda s: s.end_proposals(1), "step 1 waits for no proposals"),
    "end of no step": (lambda s: s.end_step(1), "step 1 is not racing"),
    "end before proposals": (lambda s: s.end_step(s.begin_step()), "step 1 is not racing"),
    "opening ends twice": (_end_twice, "step 0 is not racing"),
    "step beside the opening race": (lambda s: (_opened(s), s.begin_step()), "no further step may begin"),
    "step after the halt": (_begin_when_halted, "no further step may begin"),
    "race after the halt": (_race_when_halted, "no race may begin"),
    "race opened twice": (lambda s: s.open_race(_opened(s)), "the race was opened before"),
    "race finished twice": (_finish_twice, "the race is not under way"),
    "race not over": (lambda s: s.finish_race(_opened(s)), "the race is not over"),
    "restart without need": (lambda s: s.restart(), "no reason to restart"),
    "second restart": (_restart_twice, "no reason to restart"),
    "end of no restart": (lambda s: s.end_restart(), "no restart is under way"),
    "close with steps under way": (lambda s: s.close(), "a step is under way"),
    "close without reason": (_close_without_reason, "no reason to close"),
    "close twice": (_close_too_often, "closed before"),
}


@pytest.mark.parametrize("name", ILLEGAL)
def test_illegal_transitions(name: str) -> None:
    """A transition that the state does not allow raises an error that names the problem."""
    act, problem = ILLEGAL[name]
    with pytest.raises(IllegalTransition, match=problem):
        act(stage())


@pytest.mark.parametrize("name", sorted(n for n, v in vars(StageState).items() if isinstance(v, property)))
def test_public_state_cannot_be_assigned(name: str) -> None:
    """The state changes by transitions alone: its properties have no setter."""
    with pytest.raises(AttributeError):
        setattr(stage(), name, None)
