"""The worth of prompts for their tokens, and their front."""

from transfer_prompting.orchestration.projections.history import RunHistory
from transfer_prompting.orchestration.projections.prompt_worth import prompt_worths


def test_the_front(account: RunHistory) -> None:
    """On the front is who has no other that is at least as accurate for at most as many tokens."""
    found = prompt_worths(account, "control")
    assert any(w.on_front for w in found)
    for one in found:
        beaten = any(
            other.metric >= one.metric
            and other.tokens <= one.tokens
            and (other.metric, other.tokens) != (one.metric, one.tokens)
            for other in found
        )
        assert one.on_front is not beaten


def test_only_who_answered_enough(account: RunHistory) -> None:
    """A prompt is compared if it has answered as many examples as the best, and has failed at no gate."""
    board = account.state.leaderboards["target"]
    best = board.best()
    assert best is not None
    told = {w.prompt for w in prompt_worths(account, "target")}
    rows = [row for row in board.rows.values() if not row.withdrawn]
    assert told == {row.candidate.id for row in rows if row.n >= best.n}
