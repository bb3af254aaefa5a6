"""Replies that ended at their token limit are counted by role, and many of them are warned of."""

import re

import pytest

from transfer_prompting.orchestration.projections.call_counts import RoleReplies
from transfer_prompting.orchestration.projections.cut_replies import cut_warnings
from transfer_prompting.orchestration.projections.reply_sums import ReplySum
from transfer_prompting.orchestration.projections.run_state import RunState


def state_with(*sums: ReplySum) -> RunState:
    """Return the state of a run with these replies."""
    state = RunState()
    state.apply_sums(sum(one.replies for one in sums), sums, 0, {})
    return state


def replies(role: str, number: int, cut: int, *, reused: bool = False) -> ReplySum:
    """Return so many replies to a role, of which some were cut off."""
    return ReplySum(f"model/{role}", 1, reused, number, 10 * number, 0, number, number, 0, cut)


def test_cut_replies_are_counted_by_role() -> None:
    """Each role has its own count; the replies that were reused belong to another run."""
    state = state_with(replies("scorer", 90, 3), replies("scorer", 8, 8, reused=True), replies("judge", 4, 1))
    assert state.calls.by_role == {"scorer": RoleReplies(90, 3), "judge": RoleReplies(4, 1)}
    assert state.calls.cut == 4


@pytest.mark.parametrize(("cut", "warned"), [(0, False), (5, False), (6, True), (100, True)])
def test_one_in_twenty_is_tolerated(cut: int, warned: bool) -> None:
    """Up to five percent of cut replies are no reason to change a setting."""
    assert bool(cut_warnings(state_with(replies("scorer", 100, cut)))) is warned


@pytest.mark.parametrize(
    ("role", "words"),
    [
        ("scorer", "900 of 1,000 answers ended at the token limit.*Raise search.max_tokens,"),
        ("reference", "900 of 1,000 proposals.*Raise search.proposal_tokens, or set thinks = true in "),
        ("judge", "900 of 1,000 judgements.*Raise search.judge.max_tokens"),
        ("adviser", "900 of 1,000 replies to adviser.*Raise the limit of the role adviser"),
    ],
)
def test_a_warning_names_the_setting(role: str, words: str) -> None:
    """Each role has a setting of its own, and a model that thinks has another one."""
    [warning] = cut_warnings(state_with(replies(role, 1000, 900), replies("other", 1000, 50)))
    assert re.search(words, warning)
    assert f"[models.{role}]" in warning
