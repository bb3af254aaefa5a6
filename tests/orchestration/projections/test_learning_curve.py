"""Learning curves and the front of main metric and tokens."""

from transfer_prompting.agents.messages import StageFinished
from transfer_prompting.orchestration.projections.history import RunHistory
from transfer_prompting.orchestration.projections.learning_curve import learning_curve, prompt_worths


def test_a_curve_ends_with_its_stage(account: RunHistory) -> None:
    """The last point of a stage is the prompt and the score with which the stage was closed."""
    last = {point.stage: point for point in learning_curve(account)}
    for _, closed in account.of(StageFinished):
        point = last[closed.stage]
        assert (point.prompt, point.examples) == (closed.best.candidate.id, closed.best.examples)
        assert abs(point.score - closed.best.score) < 1e-9


def test_a_curve_goes_forward(account: RunHistory) -> None:
    """Time, tokens and evaluations never fall along the curves."""
    points = learning_curve(account)
    for name in ("seconds", "tokens", "evaluations"):
        values = [getattr(point, name) for point in points]
        assert values == sorted(values)


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
    """A prompt that has answered fewer examples than the best of its stage is not compared with it."""
    board = account.state.leaderboards["target"]
    best = board.best()
    assert best is not None
    told = {w.prompt for w in prompt_worths(account, "target")}
    assert told == {row.candidate.id for row in board.rows.values() if row.n >= best.n}
