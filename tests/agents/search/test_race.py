"""A race: blocks, who is stopped, when it is over, who has won."""

from collections.abc import Mapping, Sequence
from random import Random

import pytest
from curator_making import task
from hypothesis import given
from hypothesis import strategies as st
from outcome_making import PROPERTY

from transfer_prompting.agents.search.race import ExampleKey, Race, course
from transfer_prompting.agents.search.race_rules import RaceRule

RULE = RaceRule(block=10, gamma=0.2)


def order(total: int) -> list[ExampleKey]:
    return [("near", f"dev-{n}") for n in range(total)]


class Field:
    """Candidates with the share of examples that each gets right."""

    def __init__(self, **shares: float) -> None:
        self.shares = shares
        self.looks = 0

    def __call__(self, candidate: str, places: Sequence[ExampleKey]) -> list[float]:
        self.looks += 1
        share = self.shares[candidate]
        return [float(Random(f"{candidate}/{place}").random() < share) for place in places]


def run(race: Race, field: Field) -> Mapping[str, str]:
    """To the end; returns who was stopped and why."""
    reasons: dict[str, str] = {}
    while not race.over:
        assert race.next_block()
        reasons |= race.judge(field)
    return reasons


def test_blocks_follow_each_other() -> None:
    """The blocks cover the course in its order, without a gap and without an example twice."""
    race = Race(order(47), ["a", "b", "c"], None, RULE)
    field = Field(a=0.5, b=0.5, c=0.5)
    asked: list[ExampleKey] = []
    while not race.over:
        asked += race.next_block()
        assert list(race.seen) == asked
        race.judge(field)
    assert asked == order(len(asked))


def test_a_small_field_gets_larger_blocks() -> None:
    """A round asks at least 24 examples of the whole field, in whole blocks: a backend has enough to do."""
    sizes = {n: len(Race(order(90), list("abcde")[:n], None, RULE).next_block()) for n in (1, 2, 3, 5)}
    assert sizes == {1: 30, 2: 20, 3: 10, 5: 10}


def test_without_a_rule_all_is_asked_at_once() -> None:
    """Without a rule everybody gets the whole course, nobody is stopped, and the best has won."""
    race = Race(order(50), ["a", "b"], None, None)
    assert list(race.next_block()) == order(50)
    assert race.judge(Field(a=0.1, b=0.9)) == {}
    assert (race.over, race.winner, race.saved) == (True, "b", 0)


def test_the_poor_are_stopped() -> None:
    """Who cannot win any more leaves the field, with the number of examples seen and a reason."""
    race = Race(order(100), ["good", "poor", "fair"], None, RULE)
    reasons = run(race, Field(good=0.9, poor=0.1, fair=0.8))
    assert "poor" in reasons
    assert "poor" not in race.field
    assert race.stopped["poor"] < 100
    assert "behind good" in reasons["poor"]
    assert race.winner == "good"


def test_the_spared_are_not_stopped() -> None:
    """Who may win by something else than its utility goes the whole way, and the race does not end before."""
    race = Race(order(100), ["a", "b"], "best", RULE)
    field = Field(a=0.1, b=0.1, best=0.9)
    reasons: dict[str, str] = {}
    while not race.over:
        race.next_block()
        reasons |= race.judge(field, spared=["b"])
    assert set(reasons) == {"a"}
    assert (race.field, len(race.seen), race.winner) == (["b"], 100, None)


def test_saved() -> None:
    """What is saved and what was asked make the whole course for every candidate."""
    race = Race(order(100), ["good", "poor", "fair"], None, RULE)
    run(race, Field(good=0.9, poor=0.1, fair=0.5))
    asked = sum(race.stopped.get(id_, len(race.seen)) for id_ in race.entered)
    assert asked + race.saved == 300
    assert race.saved > 0


def test_the_incumbent_is_never_stopped() -> None:
    """The prompt to beat runs along; a field that is all stopped leaves it without a successor."""
    race = Race(order(100), ["a", "b"], "best", RULE)
    reasons = run(race, Field(a=0.1, b=0.1, best=0.9))
    assert set(reasons) == {"a", "b"}
    assert (race.over, race.winner, race.field) == (True, None, [])


def test_a_better_prompt_wins() -> None:
    """A candidate that is clearly better wins, and the race ends before all examples are asked."""
    race = Race(order(200), ["a", "b"], "best", RULE)
    run(race, Field(a=0.95, b=0.2, best=0.3))
    assert race.winner == "a"
    assert len(race.seen) < 200


def test_a_draw_is_no_win() -> None:
    """Who only draws level with the incumbent on all examples has not won."""
    race = Race(order(20), ["a"], "best", None)
    race.next_block()
    race.judge(lambda _candidate, places: [0.5] * len(places))
    assert (race.over, race.winner) == (True, None)


def test_the_last_one_left_has_won() -> None:
    """Without an incumbent the race is over once only one candidate is left."""
    race = Race(order(500), ["good", "poor"], None, RULE)
    run(race, Field(good=0.95, poor=0.05))
    assert (race.winner, race.field) == ("good", ["good"])
    assert len(race.seen) < 500


@pytest.mark.parametrize("total", [10, 25, 55])
def test_nobody_is_stopped_at_the_end(total: int) -> None:
    """When all examples are answered nobody is stopped any more: there is nothing left to save."""
    race = Race(order(total), list("abc"), None, RULE)
    field = Field(a=0.5, b=0.5, c=0.5)
    while not race.over:
        race.next_block()
        stopped = race.judge(field)
        assert not stopped or len(race.seen) < total


@PROPERTY
@given(st.lists(st.floats(0, 1), min_size=1, max_size=5), st.none() | st.floats(0, 1), st.integers(2, 80))
def test_every_race_ends(shares: list[float], incumbent: float | None, total: int) -> None:
    """A race ends, with everybody's examples accounted for, and a winner who was not stopped."""
    names = [f"c{n}" for n in range(len(shares))]
    field = Field(**dict(zip(names, shares, strict=True)), best=incumbent or 0.0)
    race = Race(order(total), names, "best" if incumbent is not None else None, RULE)
    run(race, field)
    assert 0 <= race.saved <= len(names) * total
    assert sorted([*race.field, *race.stopped]) == sorted(names)
    assert race.winner is None or race.winner in race.field
    assert incumbent is not None or race.winner is not None


def test_the_course_takes_turns() -> None:
    """Tasks take turns in the course, whatever their sizes, and every example is in it once."""
    tasks = [task("near", dev=4), task("next", dev=2)]
    places = course(tasks, Random(1))
    assert [name for name, _ in places] == ["near", "next", "near", "next", "near", "near"]
    assert set(places) == {(t.name, e.id) for t in tasks for e in t.dev}
    assert course(tasks, Random(1)) == places
    assert course(tasks, Random(2)) != places


def test_what_the_incumbent_has_answered_comes_last() -> None:
    """Examples on which the prompt to beat has become the best are asked after the fresh ones."""
    known = {("near", "dev-0"), ("near", "dev-3")}
    places = course([task("near", dev=6)], Random(1), known)
    assert set(places[-2:]) == known
