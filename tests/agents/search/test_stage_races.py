"""The races of a stage that are under way."""

import pytest
from stage_making import GOOD, PLAIN, POOR, RULE, held, race, stage

from transfer_prompting.agents.search.race import ROUND, Race
from transfer_prompting.agents.search.stage_races import StageRaces


def made(incumbent: str | None = "best", cost: int = 0) -> Race:
    """A race that was not compared yet."""
    new = Race([("near", f"dev-{n}") for n in range(20)], ["a", "b"], incumbent, RULE)
    new.cost = cost
    return new


def test_fewer_races_have_larger_rounds() -> None:
    """Races share the examples that all steps together ask in a round."""
    races = StageRaces()
    sizes = []
    for _ in range(3):
        sizes.append(races.round_size(2))
        races = races.open(made())
    assert sizes == [2 * ROUND, 2 * ROUND, ROUND]


@pytest.mark.parametrize(("concurrent", "beside"), [(1, 0), (2, 0), (4, 1), (8, 3)])
def test_uncompared_races_leave_no_room(concurrent: int, beside: int) -> None:
    """A step may begin if, with its own race, at most half of the steps are in races not compared yet."""
    races = StageRaces()
    for _ in range(beside):
        assert races.leave_room(concurrent)
        races = races.open(made())
    assert races.leave_room(concurrent)
    assert not races.open(made()).leave_room(concurrent)


def test_what_races_will_ask() -> None:
    """A race is expected to ask the usual number of examples, less those asked so far, but at least 0."""
    races = StageRaces().open(made(cost=10)).open(made(cost=50))
    assert races.evaluations_to_come(30) == 20


def test_losers_are_counted() -> None:
    """All candidates of a race without a winner count as losers, and none of a race with one."""
    state = stage()
    held(state, [GOOD, PLAIN])
    assert state.races.losers == 0
    held(state, [POOR], against=GOOD)
    assert state.races.losers == 1


def test_the_best_if_races_end_as_they_stand() -> None:
    """The leader of a race under way that is ahead of the incumbent is the provisional best."""
    state = stage()
    held(state, [PLAIN])
    assert state.races.provisional_best(state.standings) == PLAIN.id
    race(state, [GOOD], against=PLAIN)
    assert state.standings.best == PLAIN.id
    assert state.races.provisional_best(state.standings) == GOOD.id


def test_a_race_that_was_not_compared_has_no_leader() -> None:
    """A race whose candidates were not compared yet does not change the provisional best."""
    state = stage()
    held(state, [PLAIN])
    state.open_race(made(PLAIN.id))
    assert state.races.provisional_best(state.standings) == PLAIN.id


def test_a_later_race_has_no_front_runner() -> None:
    """Only the leader of the opening race becomes the front runner, and only when few are left."""
    state = stage()
    opening = race(state, [GOOD, POOR])
    few = len(opening.field)
    assert state.races.note_front_runner(opening, state.standings, few - 1) == state.races
    assert state.races.note_front_runner(opening, state.standings, few).front_runner == GOOD.id
    state.finish_race(opening)
    later = race(state, [PLAIN], against=GOOD)
    assert state.races.note_front_runner(later, state.standings, 9).front_runner is None
