"""The steps of a stage, the opening and the restart."""

import pytest

from transfer_prompting.agents.search.stage_steps import OPENING, StageSteps
from transfer_prompting.agents.search.step_streaks import StepStreaks
from transfer_prompting.agents.search.transitions import IllegalTransition


def test_several_steps_are_under_way() -> None:
    """Steps are numbered as they begin, and may end in any order."""
    steps = StageSteps().end(OPENING).begin().begin()
    assert (steps.begun, steps.proposing) == (2, frozenset({1, 2}))
    steps = steps.end_proposals(2).end_proposals(1).end(2)
    assert (steps.begun, steps.proposing, steps.racing) == (2, frozenset(), frozenset({1}))
    assert steps.under_way
    assert not steps.end(1).under_way


def test_a_transition_leaves_the_steps_before_it() -> None:
    """Each transition returns new steps: those that were read before stay as they were."""
    before = StageSteps()
    before.begin()
    assert before == StageSteps()


def test_a_restart_is_no_step() -> None:
    """A restart counts as no step, but is under way until it ends, and ends the streaks' step."""
    steps = StageSteps().end(OPENING).restart()
    assert (steps.begun, steps.restarting, steps.under_way) == (0, True, True)
    ended = steps.end_restart()
    assert (ended.restarting, ended.restarted, ended.under_way) == (False, True, False)
    assert ended.streaks == StepStreaks(without_better=0, without_new=2)


def test_only_one_restart() -> None:
    """A search restarts once."""
    with pytest.raises(IllegalTransition, match="restarted before"):
        StageSteps().restart().end_restart().restart()


def test_a_step_races_once() -> None:
    """A step that has ended cannot end again."""
    steps = StageSteps().end(OPENING)
    with pytest.raises(IllegalTransition, match="step 0 is not racing"):
        steps.end(OPENING)
