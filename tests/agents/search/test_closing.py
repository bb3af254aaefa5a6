"""The reasons to close a stage."""

import pytest
from stage_making import GOOD, PLAIN, scored, stage

from transfer_prompting.agents.messages import Spent
from transfer_prompting.agents.search.closing import Due, due, reason_to_close
from transfer_prompting.agents.search.settings import StageSettings
from transfer_prompting.agents.search.stage_steps import StageSteps
from transfer_prompting.agents.search.step_streaks import StepStreaks

NOTHING = Due(0, 0)


def reason(
    plan: StageSettings | None = None,
    *,
    budget: Spent | None = None,
    begun: int = 0,
    streaks: StepStreaks | None = None,
    spent: Spent | None = None,
    to_come: Due = NOTHING,
) -> str | None:
    steps = StageSteps(begun=begun, streaks=streaks or StepStreaks())
    return reason_to_close(plan or StageSettings(), budget, steps, spent or Spent(), to_come)


def test_steps_without_a_new_prompt() -> None:
    """Three steps without a new prompt close a stage, even that of a control."""
    for budget in (None, Spent(evaluations=10)):
        assert reason(streaks=StepStreaks(without_new=2), budget=budget) is None
        closed = reason(streaks=StepStreaks(without_new=3), budget=budget)
        assert closed == "3 steps without a new prompt"


def test_all_steps() -> None:
    """The last planned step closes a stage."""
    plan = StageSettings(steps=3)
    assert [reason(plan, begun=begun) for begun in (2, 3)] == [None, "all steps done"]


def test_patience() -> None:
    """As many steps without a better prompt as the patience allows close a stage."""
    plan = StageSettings(patience=1)
    found = [reason(plan, streaks=StepStreaks(without_better=steps)) for steps in (0, 1)]
    assert found == [None, "1 step without a better prompt"]


@pytest.mark.parametrize(
    ("plan", "spent", "to_come", "expected"),
    [
        (StageSettings(budget=100), Spent(evaluations=99), NOTHING, None),
        (
            StageSettings(budget=100),
            Spent(evaluations=100),
            NOTHING,
            "100 evaluations, with a budget of 100",
        ),
        (
            StageSettings(budget=100),
            Spent(evaluations=90),
            Due(10, 0),
            "90 evaluations and 10 for the last race, with a budget of 100",
        ),
        (StageSettings(tokens=100), Spent(answers=99, proposals=9), NOTHING, None),
        (StageSettings(tokens=100), Spent(answers=100), NOTHING, "100 tokens, with a budget of 100"),
        (
            StageSettings(tokens=100),
            Spent(answers=90),
            Due(0, 10),
            "90 tokens and 10 for the last race, with a budget of 100",
        ),
    ],
)
def test_budgets_of_the_plan(plan: StageSettings, spent: Spent, to_come: Due, expected: str | None) -> None:
    """A stage closes once its evaluations, or the tokens of its answers, leave only the costs still due."""
    assert reason(plan, spent=spent, to_come=to_come) == expected


def test_a_control_goes_by_tokens_alone() -> None:
    """A control ends when it has cost the tokens of its budget, however many steps that takes."""
    budget, plan = Spent(evaluations=10, answers=80, proposals=20), StageSettings(steps=1, patience=1)
    stuck = StepStreaks(without_better=9)
    assert (
        reason(plan, budget=budget, begun=9, streaks=stuck, spent=Spent(evaluations=99, answers=99)) is None
    )
    spent = Spent(evaluations=9, answers=60, judgements=30)
    closed = reason(plan, budget=budget, spent=spent, to_come=Due(0, 10))
    assert closed == f"{spent} spent and 10 for the last race, with a budget of {budget}"


def test_a_control_without_tokens_goes_by_evaluations() -> None:
    """If no tokens were counted, a control ends after as many evaluations."""
    budget = Spent(evaluations=10)
    assert reason(budget=budget, spent=Spent(evaluations=8), to_come=Due(1, 0)) is None
    assert reason(budget=budget, spent=Spent(evaluations=8), to_come=Due(2, 0)) is not None


def test_what_is_due() -> None:
    """Answers in the last race cost as much as the prompt's own so far, those under way the mean of all."""
    standings = stage().standings
    assert due(standings, Spent(), {}, begun=4) == Due(4, 0)
    standings.add(GOOD)
    standings.record(scored(GOOD.id, {"dev-1": 1, "dev-2": 2}, tokens=20))
    spent = Spent(evaluations=2, answers=40)
    assert due(standings, spent, {GOOD.id: 3}, begun=5) == Due(3 + 5, 3 * 10 + 5 * 20)


def test_another_step_must_fit() -> None:
    """A stage closes if too little is left for another step, which the reason does not count as spent."""
    plan, spent = StageSettings(budget=100, tokens=1000), Spent(evaluations=80, answers=700)
    assert reason(plan, spent=spent, to_come=Due(5, 50, (10, 100))) is None
    closed = reason(plan, spent=spent, to_come=Due(5, 50, (15, 100)))
    assert closed == "80 evaluations and 5 for the last race, with a budget of 100"
    assert reason(plan, spent=spent, to_come=Due(5, 50, (10, 250))) is not None
    assert reason(budget=Spent(evaluations=100), spent=spent, to_come=Due(5, 0, (15, 0))) is not None


def test_a_dear_prompt_makes_dear_ones() -> None:
    """Steps to come cost at least what the best prompt costs an answer."""
    state = stage()
    for one, tokens in ((PLAIN, 20), (GOOD, 200)):
        state.standings.add(one)
        state.standings.record(scored(one.id, {"dev-1": 1, "dev-2": 2}, tokens=tokens))
    state.standings.set_best(GOOD.id)
    assert due(state.standings, Spent(evaluations=4, answers=220), {}, begun=5, step=2) == Due(
        5, 500, (2, 200)
    )
