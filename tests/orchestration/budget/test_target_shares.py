"""The shares of several targets in the budget of their run."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from outcome_making import PROPERTY
from task_making import task

from transfer_prompting.agents.messages import TaskLoaded
from transfer_prompting.agents.models.tariff import Cost
from transfer_prompting.orchestration.budget.gate import BudgetGate
from transfer_prompting.orchestration.budget.ledger import Ledger
from transfer_prompting.orchestration.budget.target_shares import TargetShares
from transfer_prompting.orchestration.config.budget_settings import BudgetSettings

NAMES = ("pets", "plants", "stones")


def shares_of(*names: str) -> TargetShares:
    """Return the shares of these targets before their stages."""
    shares = TargetShares()
    for name in names:
        stage = f"target:{name}" if len(names) > 1 else "target"
        named = task("label", ("yes", "no")).model_copy(update={"name": name})
        shares.apply_task(TaskLoaded(task=named, stage=stage, origin="", digest=""))
    return shares


@PROPERTY
@given(
    st.integers(30, 10**6),
    st.lists(st.floats(0, 1), min_size=3, max_size=3),
    st.integers(0, 20),
)
def test_each_gets_an_equal_part_of_what_is_left(most: int, used: list[float], before: int) -> None:
    """Whatever part of its share each target uses, the next one gets as much or more, and no limit breaks."""
    shares, spent, parts = shares_of(*NAMES), float(before), []
    for name, part in zip(NAMES, used, strict=True):
        shares.begin(f"target:{name}", {"calls": spent})
        kept = shares.kept({"calls": most})
        share = most - kept.get("calls", 0.0) - spent
        parts.append(share)
        spent += part * share
        shares.begin(f"control:{name}", {"calls": spent})
        assert shares.kept({"calls": most}) == kept
        shares.release()
        assert shares.kept({"calls": most}) == {}
    assert parts[0] == pytest.approx((most - before) / 3)
    assert all(later >= earlier * (1 - 1e-9) for earlier, later in pairwise(parts))
    assert spent <= most * (1 + 1e-9)


def test_no_share_limits_the_rest_of_a_run() -> None:
    """The source stage, the last target, and the only target of a run may use all that is left."""
    shares = shares_of(*NAMES[:2])
    shares.begin("source", {"tokens": 10})
    assert (shares.stage, shares.kept({"tokens": 100})) == (None, {})
    shares.begin("target:pets", {"tokens": 20})
    assert (shares.stage, shares.kept({"tokens": 100})) == ("target:pets", {"tokens": 40})
    shares.begin("target:plants", {"tokens": 50})
    assert (shares.stage, shares.kept({"tokens": 100})) == (None, {})
    alone = shares_of("pets")
    alone.begin("target", {"tokens": 20})
    assert (alone.stage, alone.kept({"tokens": 100})) == (None, {})


def test_a_raised_limit_is_divided_too() -> None:
    """What a budget is raised by in the middle of a stage goes to all targets that are left."""
    shares = shares_of(*NAMES)
    shares.begin("target:pets", {"calls": 30.0})
    assert shares.kept({"calls": 90}) == {"calls": 40.0}
    assert shares.kept({"calls": 180}) == {"calls": 100.0}
    assert shares.kept({"calls": 20}) == {"calls": 0.0}


def test_every_kind_of_limit_is_kept_to() -> None:
    """Tokens, money, calls and seconds that are kept for later targets cannot be spent before."""
    budget = BudgetSettings(tokens=100, money=1.0, calls=10, seconds=60.0)
    ledger = Ledger(budget, {})
    cost = Cost(tokens=40, units=400_000_000_000_000, calls=4)
    assert ledger.lacking(cost, 10.0, 10.0) is None
    for limit, kept in (("tokens", 61.0), ("money", 0.9), ("calls", 7.0), ("seconds", 41.0)):
        ledger.kept = {limit: kept}  # type: ignore[dict-item]
        assert ledger.lacking(cost, 10.0, 10.0) == limit
    assert BudgetGate(ledger, lambda: 10.0, lambda _limit: None).left() == pytest.approx(60 - 41 - 10)
