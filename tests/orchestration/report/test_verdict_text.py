"""The verdict in plain sentences."""

from transfer_prompting.agents.messages import Comparison, RunFinished
from transfer_prompting.orchestration.projections.history import RunHistory
from transfer_prompting.orchestration.report.verdict_text import headline, in_words
from transfer_prompting.prompts.candidate import make_candidate


def _comparisons(low: float, high: float) -> tuple[Comparison, ...]:
    middle = (low + high) / 2
    values = {"best": 0.5 + middle, "other": 0.5, "difference": middle, "low": low, "high": high}
    return tuple(Comparison(measure=name, n=80, **values) for name in ("composite", "accuracy"))


def _told(
    account: RunHistory, low: float, high: float, *, same: bool = False, control: float | None = None
) -> str:
    initial = make_candidate("Sort it.", "initial")
    finished = RunFinished(
        best=initial if same else make_candidate("Sort it well.", "history"),
        initial=initial,
        improved=low > 0,
        verdict="",
        comparisons=_comparisons(low, high),
        p_value=0.1,
        control=None if control is None else make_candidate("Sort.", "seed"),
        against_control=() if control is None else _comparisons(control, control + 0.1),
    )
    made = RunHistory(account.run, account.opening)
    made.view.finished = finished
    return " ".join([headline(made), *in_words(made)])


def test_an_improvement(account: RunHistory) -> None:
    """An improvement is said to be one, with both accuracies, the gain and its interval."""
    told = _told(account, 0.05, 0.15)
    assert told.startswith("Improvement found")
    assert "60.0 % rightly, the best of your own prompts 50.0 %: +10.0 points" in told
    assert "95 % interval +5.0 to +15.0" in told
    assert "not likely to be chance" in told


def test_no_improvement(account: RunHistory) -> None:
    """Where the interval reaches zero no improvement is claimed, and keeping the own prompt is advised."""
    told = _told(account, -0.02, 0.12)
    assert told.startswith("No improvement found")
    assert "no good reason to give up your own prompt" in told


def test_nothing_else_was_found(account: RunHistory) -> None:
    """Where the best prompt is the one that the search began with, no difference is spoken of."""
    told = _told(account, 0.0, 0.0, same=True)
    assert "the prompt that it began with" in told
    assert "interval" not in told


def test_what_the_control_means(account: RunHistory) -> None:
    """The control says whether the source tasks were worth it, were not, or that it is open."""
    assert "The source tasks were worth it." in _told(account, 0.1, 0.2, control=0.05)
    assert "were not worth it" in _told(account, 0.1, 0.2, control=-0.3)
    assert "is open" in _told(account, 0.1, 0.2, control=-0.05)


def test_no_verdict(account: RunHistory) -> None:
    """A run without a verdict claims nothing, and one that failed says with what."""
    made = RunHistory(account.run, account.opening)
    assert headline(made) == "The run is not finished"
    made.view.outcome, made.view.error = "failed", "no money left"
    assert headline(made) == "The run has failed"
    assert "no money left" in in_words(made)[0]
