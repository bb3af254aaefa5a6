"""The choice among operators: each is tried, and those that pay are used more often."""

from collections import Counter
from random import Random
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from outcome_making import PROPERTY

from transfer_prompting.agents.messages import RaceFinished, RaceResult
from transfer_prompting.agents.operators.names import OperatorName
from transfer_prompting.agents.search.bandit import Bandit, most, reward

NAMES: tuple[OperatorName, ...] = get_args(OperatorName)
WINNER: OperatorName = "paraphrase"


def result(operator: str, outcome: str = "better", gain: float = 0.1) -> RaceResult:
    return RaceResult.model_validate(
        {"candidate": "p", "operator": operator, "outcome": outcome, "gain": gain, "examples": 9}
    )


def race(*results: RaceResult, winner: str | None = None) -> RaceFinished:
    return RaceFinished(stage="target", step=1, against="q", winner=winner, results=results, saved=0)


def simulate(
    seed: int, steps: int, pays: OperatorName = WINNER, bandit: Bandit[OperatorName] | None = None
) -> list[str]:
    """The choices of `steps` races of eight proposals; the operator that pays does in four of ten."""
    world, chosen = Random(seed), list[str]()
    bandit = bandit or Bandit(NAMES)
    for _ in range(steps):
        step = [bandit.choose(NAMES, world) for _ in range(8)]
        outcomes = ["better" if world.random() < (0.4 if n == pays else 0.05) else "stopped" for n in step]
        results = [
            result(n, o).model_copy(update={"candidate": o}) for n, o in zip(step, outcomes, strict=True)
        ]
        bandit.apply(race(*results, winner="better"))
        chosen += step
    return chosen


def test_each_is_tried_first() -> None:
    """Every operator is tried once before any is tried twice, in the order of the names."""
    bandit = Bandit(NAMES)
    assert [bandit.choose(NAMES, Random(1)) for _ in NAMES] == list(NAMES)


def test_warm_up_waits_for_what_suits() -> None:
    """An operator that does not suit at first is tried as soon as it does."""
    bandit = Bandit[str](("history", "describe", "cross"))
    early = [bandit.choose(("history", "cross"), Random(n)) for n in range(4)]
    assert early[:2] == ["history", "cross"]
    assert bandit.choose(("history", "describe", "cross"), Random(1)) == "describe"


def test_what_pays_is_preferred() -> None:
    """After some races the operator that pays makes several times its share; the others are still tried."""
    late = Counter(name for seed in range(20) for name in simulate(seed, 25)[100:])
    assert late[WINNER] > 3 * late.total() / len(NAMES)
    assert late[WINNER] == max(late.values())
    assert all(late[name] > 0 for name in NAMES)


def test_forgetting() -> None:
    """When another operator begins to pay, the bandit follows."""
    shares = []
    for seed in range(20):
        bandit = Bandit(NAMES)
        simulate(seed, 15, "cross", bandit)
        late = Counter(simulate(seed + 100, 40, WINNER, bandit)[160:])
        shares.append(late[WINNER] - late["cross"])
    assert sum(shares) > 0


@PROPERTY
@given(st.integers(0, 2**32), st.lists(st.sampled_from(NAMES), min_size=1, unique=True))
def test_only_what_is_offered(seed: int, among: list[OperatorName]) -> None:
    """The choice is one of the operators offered, during the warm-up and after it."""
    bandit = Bandit(NAMES)
    assert all(bandit.choose(among, Random(seed + n)) in among for n in range(20))


@PROPERTY
@given(st.integers(0, 2**32))
def test_same_history_same_choices(seed: int) -> None:
    """The choices follow from the races and the seed, not from the order in which names are offered."""
    assert simulate(seed, 3) == simulate(seed, 3)
    one, other = Bandit(NAMES), Bandit(NAMES)
    for bandit in (one, other):
        assert len({bandit.choose(NAMES, Random(1)) for _ in NAMES}) == len(NAMES)
    assert one.choose(NAMES, Random(seed)) == other.choose(NAMES[::-1], Random(seed))


def test_failure_counts() -> None:
    """An operator whose proposals fail is chosen less often than one that is unknown."""
    bandit = Bandit[str](("history", "cross"))
    for _ in range(2):
        bandit.choose(bandit.names, Random(1))
    for _ in range(6):
        bandit.credit("history", 0.0)
    chosen = Counter(bandit.choose(bandit.names, Random(seed)) for seed in range(200))
    assert chosen["cross"] > 2 * chosen["history"]


@pytest.mark.parametrize("worth", [0.0, 1.0])
def test_old_evidence_is_forgotten(worth: float) -> None:
    """A success or failure of a hundred races ago hardly counts any more."""
    bandit = Bandit[str](("history", "cross"))
    for _ in bandit.names:
        bandit.choose(bandit.names, Random(1))
    for _ in range(20):
        bandit.credit("history", worth)
    for _ in range(100):
        bandit.apply(race())
    chosen = Counter(bandit.choose(bandit.names, Random(seed)) for seed in range(400))
    assert 150 < chosen["history"] < 250


def test_idle() -> None:
    """Races in a row without a winner are counted."""
    bandit = Bandit(NAMES)
    counted = []
    for winner in (None, None, "p", None):
        bandit.apply(race(result("reflection"), winner=winner))
        counted.append(bandit.idle)
    assert counted == [1, 2, 0, 1]


def test_other_operators_are_ignored() -> None:
    """No operator is credited for initial and seed prompts, which race too."""
    one, other = Bandit(NAMES), Bandit(NAMES)
    one.apply(race(result("initial"), result("seed")))
    other.apply(race())
    assert [one.choose(NAMES, Random(n)) for n in range(40)] == [
        other.choose(NAMES, Random(n)) for n in range(40)
    ]


@pytest.mark.parametrize(
    ("outcome", "gain", "winner", "worth"),
    [
        ("better", 0.2, "q", 0.5),
        ("scored", 0.2, "p", 1.0),
        ("scored", 0.2, "q", 0.0),
        ("scored", 0.0, None, 0.0),
        ("scored", -0.1, "q", 0.0),
        ("stopped", 0.2, "q", 0.0),
    ],
)
def test_reward(outcome: str, gain: float, winner: str | None, worth: float) -> None:
    """A winner is worth 1, another prompt that is surely better 0.5, and any other nothing."""
    assert reward(result("cross", outcome, gain), winner) == worth


@PROPERTY
@given(st.integers(1, 50), st.integers(1, 13))
def test_no_operator_makes_all(count: int, operators: int) -> None:
    """One operator makes three quarters of a step at most, rounded up; together they make it all."""
    limit = most(count, operators)
    assert limit * operators >= count
    assert operators == 1 or limit <= (3 * count + 3) // 4
