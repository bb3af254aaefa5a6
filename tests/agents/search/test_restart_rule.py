"""The rule for a restart."""

import pytest
from stage_making import GOOD, PLAIN, START, held, stage

from transfer_prompting.agents.search.restart_rule import needs_restart
from transfer_prompting.prompts.candidate import Candidate


@pytest.mark.parametrize(("ifr", "defective"), [(0.0, True), (0.49, True), (0.5, False), (None, False)])
def test_a_defective_prompt(ifr: float | None, defective: bool) -> None:
    """A best prompt with less than half of its answers readable asks for a restart."""
    state = stage()
    held(state, [PLAIN], ifr=ifr)
    assert needs_restart(state.standings, without_better=0, patience=2) == defective


@pytest.mark.parametrize(("best", "stuck"), [(START, True), (GOOD, False)])
def test_a_stuck_search(best: Candidate, stuck: bool) -> None:
    """After `patience` steps without success a search restarts if its best prompt is an initial one."""
    state = stage()
    held(state, [best])
    assert not needs_restart(state.standings, without_better=1, patience=2)
    assert needs_restart(state.standings, without_better=2, patience=2) == stuck


def test_no_prompt_at_all() -> None:
    """A search without any best prompt is stuck after `patience` steps, and not before."""
    standings = stage().standings
    assert [needs_restart(standings, steps, patience=2) for steps in (0, 1, 2)] == [False, False, True]
