"""The candidates that a race stops, the reasons, and the loss in the quality of its winner."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from outcome_making import PROPERTY

from transfer_prompting.agents.search.race_rules import RaceRule, chance_left, expected_spread, unpromising

RULE = RaceRule()
SHARES = st.lists(st.sampled_from([0.0, 0.5, 1.0]), min_size=30, max_size=30)


def share(right: int, seen: int) -> list[float]:
    """Utilities of a prompt that is right on the first `right` of `seen` examples."""
    return [1.0] * right + [0.0] * (seen - right)


def test_reasons() -> None:
    """Each reason gives the rival, the distance in points, the number of examples, and the rule."""
    both = {"late": share(20, 60), "even": share(45, 60)}
    reasons = unpromising(both, share(40, 100), 100, RULE, entered=2)
    assert list(reasons) == ["late"]
    assert reasons["late"].startswith("33 points behind the best so far after 60 of 100 examples, ")
    field = {"p1": share(50, 60), "p2": share(0, 60)}
    assert unpromising(field, None, 80, RULE, entered=2) == {
        "p2": "83 points behind p1 after 60 of 80 examples, more than the rest can make up for"
    }
    assert "e-value" in unpromising(field, None, 200, replace(RULE, gamma=0.0), entered=2)["p2"]
    assert "to draw level" in unpromising(field, None, 200, replace(RULE, alpha=1e-99), entered=2)["p2"]
    mixed = [*share(30, 54), *[1.0] * 6]
    weak = unpromising({"p": mixed}, share(40, 100), 100, RULE, entered=99)["p"]
    assert weak.endswith("chance left to gain 1 point")


@PROPERTY
@given(st.lists(SHARES, min_size=1, max_size=5), st.none() | SHARES, st.lists(st.integers(0, 9)))
def test_arrival_does_not_matter(
    rows: list[list[float]], incumbent: list[float] | None, extra: list[int]
) -> None:
    """Neither the order of the candidates nor answers beyond the last common block change a decision."""
    field = {f"p{n}": row for n, row in enumerate(rows)}
    ahead = [*extra, *[0] * len(rows)]
    further = {id_: [*row, *[1.0] * more] for (id_, row), more in zip(field.items(), ahead, strict=False)}
    turned = dict(sorted(further.items(), reverse=True))
    later = None if incumbent is None else [*incumbent, *[0.0] * 20]
    # At least one candidate is no further than the block.
    turned["p0"] = field["p0"]
    found = unpromising(field, incumbent, 50, RULE, entered=5)
    assert list(unpromising(turned, later, 50, RULE, entered=5).items()) == list(found.items())


@PROPERTY
@given(st.lists(SHARES, min_size=1, max_size=5))
def test_the_leader_stays(rows: list[list[float]]) -> None:
    """Without an incumbent the leader goes on, and so do its equals."""
    field = {f"p{n}": row for n, row in enumerate(rows)}
    best = max(map(sum, rows))
    stopped = unpromising(field, None, 40, RULE, entered=len(field))
    assert not {id_ for id_, row in field.items() if sum(row) == best} & stopped.keys()


@pytest.mark.parametrize(("seen", "total"), [(0, 100), (9, 100), (50, 50)])
def test_nothing_to_decide(seen: int, total: int) -> None:
    """Before the first whole block, and after the last example, no candidate is stopped."""
    field = {"bad": share(0, seen), "good": share(seen, seen)}
    assert unpromising(field, None, total, RULE, entered=2) == {}
    assert unpromising({}, None, total, RULE, entered=2) == {}


def test_chance() -> None:
    """The forecast is one half for a prompt in balance, sinks with every loss and with the gain wanted."""
    assert chance_left(np.zeros(20), 100, 0.0, 0.4, 0.25) == pytest.approx(0.5, abs=1e-6)
    chances = [
        chance_left(np.array([-1.0] * lost + [0.0] * (30 - lost)), 100, 0.0, 0.4, 0.25) for lost in range(20)
    ]
    assert chances == sorted(chances, reverse=True)
    assert chance_left(np.zeros(20), 100, 0.05, 0.4, 0.25) < 0.5


def test_graded_values_scatter_less() -> None:
    """Two prompts are expected to differ by a quarter if answers are right or wrong, by less if graded."""
    right = np.array([1.0, 0.0, 1.0, 1.0] * 5)
    graded = np.array([0.4, 0.5, 0.6, 0.55] * 5)
    assert expected_spread(right, 1 - right) == pytest.approx(0.25)
    assert expected_spread(np.ones(20)) == pytest.approx(0.25)
    assert 0 < expected_spread(graded, graded) < 0.05


@PROPERTY
@given(st.lists(st.floats(0, 1), max_size=30))
def test_spread_is_positive(values: list[float]) -> None:
    """Whatever was seen, the expected difference is above zero and at most that of right and wrong."""
    assert 0 < expected_spread(np.array(values)) <= 0.25 + 1e-9


def fields(random: np.random.Generator, total: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Incumbent, 15 candidates (rows) and their true gains: half equal, 35 % worse, 15 % better.

    Prompts agree with the incumbent on 70 to 80 % of the examples.
    """
    right = random.uniform(0.4, 0.8)
    kind = random.random(15)
    better, worse = random.uniform(0.02, 0.1, 15), random.uniform(-0.2, -0.03, 15)
    gains = np.where(kind < 0.5, 0.0, np.where(kind < 0.85, worse, better))
    differing = np.maximum(random.uniform(0.2, 0.3, 15), np.abs(gains) + 0.02)
    incumbent = random.random(total) < right
    chance = random.random((15, total))
    kept = chance >= ((differing - gains) / 2 / right)[:, None]
    won = chance < ((differing + gains) / 2 / (1 - right))[:, None]
    return incumbent.astype(float), np.where(incumbent, kept, won).astype(float), gains


def race(incumbent: Sequence[float] | None, rows: np.ndarray, rule: RaceRule) -> tuple[int, int]:
    """The winner of a race (-1: the incumbent), and the number of evaluations."""
    total, racing = rows.shape[1], {str(n): row for n, row in enumerate(rows)}
    used = 0
    for seen in range(rule.block, total + 1, rule.block):
        used += rule.block * len(racing)
        field = {id_: row[:seen] for id_, row in racing.items()}
        for id_ in unpromising(field, incumbent, total, rule, entered=len(rows)):
            del racing[id_]
    points = {id_: float(row.sum()) for id_, row in racing.items()}
    best = max(points, key=points.__getitem__, default="-1")
    if incumbent is not None and (not points or points[best] <= sum(incumbent)):
        return -1, used
    return int(best), used


@pytest.mark.parametrize("against", [True, False])
def test_half_the_work_for_the_same_winner(against: bool) -> None:
    """A race over 100 examples takes at most half of the evaluations, and hardly worsens the winner."""
    random = np.random.default_rng(6)
    used, lost = 0, []
    for _ in range(90):
        incumbent, rows, gains = fields(random, 100)
        first = incumbent.tolist() if against else None
        winner, evaluated = race(first, rows, RULE)
        full, _ = race(first, rows, replace(RULE, block=100))
        true = [*gains, 0.0]  # the last is the incumbent: index -1
        used += evaluated
        lost.append(true[full] - true[winner])
    assert used / (90 * rows.size) <= 0.5
    # Three standard errors of the mean loss are 0.5 points; the promised loss is 0.3.
    assert np.mean(lost) < 0.008


def test_the_winner_survives_the_evidence() -> None:
    """Without the forecast, the best on all examples is hardly ever stopped."""
    random = np.random.default_rng(7)
    rule = replace(RULE, gamma=0.0, block=20, min_examples=20)
    for _ in range(30):
        _, rows, _ = fields(random, 60)
        winner, _ = race(None, rows, rule)
        assert rows[winner].sum() == rows.sum(axis=1).max()
