"""The measurements on graded landscapes: single runs, their figures, and the section of the page."""

import json
from collections.abc import Iterable
from dataclasses import replace
from math import comb

import pytest
from graded import claims_rows, guard_rows
from graded_audit import audited
from graded_figures import claims, doubts, exact_interval, guard
from graded_page import HEADING, section
from graded_run import Doubts, Plan, Result, carry_out, unguarded
from landscape import GRADED, Sizes
from page_sections import section_of, with_section
from stage_making import GOOD, POOR, race, stage

from transfer_prompting.agents.search.metric_guard import not_worse

SMALL = Sizes(train=12, dev=20, test=20)


def small(landscape: str, seed: int = 1, **fields: object) -> Plan:
    """Return the plan of a tiny run."""
    return replace(Plan(landscape, seed, sizes=SMALL, steps=2), **fields)  # type: ignore[arg-type]


def result(**fields: object) -> Result:
    """Return a result, with some fields of interest."""
    usual: dict[str, object] = {
        "plan": small("tags"), "initial": 0.5, "best": 0.7, "attainable": 0.9, "reported": 0.72,
        "reported_gain": 0.2, "improved": True, "evaluations": 100, "breach": 0.0,
    }  # fmt: skip
    return Result(**{**usual, **fields})  # type: ignore[arg-type]


@pytest.mark.parametrize("name", GRADED)
def test_a_run_is_set_beside_the_truth(name: str) -> None:
    """A run ends with a verdict; true and reported values lie in [0, 1], and the seed decides everything."""
    found = carry_out(small(name))
    assert 0 < found.initial <= found.attainable <= 1
    assert 0 <= found.reported <= 1
    assert found.evaluations > 20
    assert found == carry_out(small(name))


def test_nothing_is_gained_where_nothing_helps() -> None:
    """Without rules that help, the true gain is zero, whatever is chosen."""
    assert carry_out(small("letters", helpful=False)).gain == pytest.approx(0)


def test_doubts_of_a_run_and_of_an_audit_are_counted() -> None:
    """Both find wrong answers, and count as shown no more examples than there are."""
    plan = small("permuted", permuted=0.5)
    in_run, in_audit = carry_out(plan).doubts, audited(plan)
    assert in_run is not None
    assert 0 < in_run.found <= in_run.wrong <= in_audit.wrong
    assert in_audit.found >= 0.5 * in_audit.wrong


def test_the_guard_can_be_taken_away_and_comes_back() -> None:
    """Within the context no prompt is credibly worse; after it, one that is always wrong is."""
    state = stage("target")
    race(state, [GOOD, POOR])
    both = [GOOD.id, POOR.id]
    with unguarded():
        assert not_worse(both, state.standings) == both
    assert not_worse(both, state.standings) == [GOOD.id]


def test_the_exact_interval_is_that_of_the_binomial() -> None:
    """At each end the observed count is as unlikely as 2.5 %; none and all have one end at the border."""
    low, high = exact_interval(3, 50)

    def at_most(count: int, p: float) -> float:
        return sum(comb(50, k) * p**k * (1 - p) ** (50 - k) for k in range(count + 1))

    assert 1 - at_most(2, low) == pytest.approx(0.025, abs=1e-3)
    assert at_most(3, high) == pytest.approx(0.025, abs=1e-3)
    assert exact_interval(0, 200)[1] == pytest.approx(0.0183, abs=1e-4)
    assert exact_interval(200, 200)[1] == 1.0


def test_figures_are_means_in_points() -> None:
    """Gains and biases are in hundredths with standard errors; claims are counted."""
    found = claims([result(), result(best=0.5, reported=0.4, improved=False, breach=0.006)])
    assert (found["improved"], found["runs"]) == (1, 2)
    assert (found["keeps_constraint"], found["largest_breach"]) == (1, 0.006)
    assert found["true_gain"] == (10.0, 10.0)
    assert found["reported_minus_true"] == (-4.0, 6.0)


def test_worse_prompts_are_counted_by_their_truth() -> None:
    """A loss of more than 5 points counts, whatever the verdict says, which is counted too."""
    found = guard([result(best=0.44), result(best=0.43, improved=False), result(best=0.46), result()])
    assert (found["worse"], found["recommended"]) == (2, 1)


def test_precision_and_recall_are_over_all_runs() -> None:
    """Counts are added before they are divided, and without any doubt there is no precision."""
    found = doubts([Doubts(wrong=10, doubted=8, found=6), Doubts(wrong=0, doubted=2, found=0)])
    assert (found["precision"], found["recall"]) == (0.6, 0.6)
    assert doubts([Doubts(0, 0, 0)])["precision"] is None


def test_every_question_has_its_rows() -> None:
    """Claims are counted on each landscape without and with rules, the guard with and without it."""
    plans: list[Plan] = []

    def run(wanted: Iterable[Plan]) -> list[Result]:
        made = list(wanted)
        plans.extend(made)
        return [result(plan=plan) for plan in made]

    rows = list(claims_rows([7, 8], run))
    assert [row["landscape"] for row in rows] == [*GRADED, *GRADED]
    assert all(row["runs"] == 2 for row in rows)
    assert {(plan.landscape, plan.helpful, plan.seed) for plan in plans} == {
        (name, helpful, seed) for name in GRADED for helpful in (True, False) for seed in (7, 8)
    }
    plans.clear()
    assert [row["guarded"] for row in guard_rows([7], run)] == [False, True, False, True]
    assert all(plan.composite and plan.landscape == "permuted" for plan in plans)


def test_the_section_replaces_the_old_one_and_nothing_else() -> None:
    """A page keeps what stands before and after the section, and gets it at its end if it has none."""
    rows = [
        {"landscape": name, "helpful": helpful, **claims([result(), result()])}
        for helpful in (False, True)
        for name in GRADED
    ]
    figures = {
        "claims": {"date": "2026-01-01", "runs": 2, "first_seed": 7, "rows": rows},
        "guard": {"rows": [{"permuted": 1.0, "loss": 23.0, "guarded": True, **guard([result()])}]},
        "doubts": {"rows": [{"by": "tp audit", **doubts([Doubts(10, 8, 6)])}]},
    }
    figures = json.loads(json.dumps(figures))
    page = with_section("# Page\n\nBefore.\n", section(figures))
    assert page.startswith(f"# Page\n\nBefore.\n\n{HEADING}\n")
    assert "| tp audit | 1 | 10 | 8 | 0.750 | 0.600 |" in page
    assert with_section(page, section(figures)) == page
    between = f"# Page\n\n{HEADING}\n\nOld.\n\n## After\n\nKept.\n"
    assert with_section(between, section(figures)) == f"# Page\n\n{section(figures)}\n## After\n\nKept.\n"
    assert section_of(page, HEADING) == f"\n{section(figures)}"
    assert section_of("# Page\n", HEADING) == ""
