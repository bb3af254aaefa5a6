"""Tests of the verdict in plain sentences."""

from transfer_prompting.agents.messages import Comparison, RunFinished
from transfer_prompting.orchestration.projections.history import RunHistory
from transfer_prompting.orchestration.report.verdict_text import headline, verdict_sentences
from transfer_prompting.prompts.candidate import make_candidate


def _comparisons(low: float, high: float) -> tuple[Comparison, ...]:
    middle = (low + high) / 2
    values = {"best": 0.5 + middle, "other": 0.5, "difference": middle, "low": low, "high": high}
    titles = {"metric": "accuracy", "composite": "composite score"}
    return tuple(Comparison(measure=name, title=title, n=80, **values) for name, title in titles.items())


def _text(
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
    made.state.finished = finished
    return " ".join([headline(made), *verdict_sentences(made)])


def test_an_improvement(account: RunHistory) -> None:
    """An improvement is reported with both values of the main metric, the gain and its interval."""
    text = _text(account, 0.05, 0.15)
    assert text.startswith("Improvement found")
    assert "an accuracy of 60.0 %, and the best of your own prompts 50.0 %: +10.0 points" in text
    assert "95 % interval +5.0 to +15.0" in text
    assert "unlikely to be chance" in text


def test_no_improvement(account: RunHistory) -> None:
    """If the interval reaches zero, no improvement is claimed and the advice is to keep the own prompt."""
    text = _text(account, -0.02, 0.12)
    assert text.startswith("No improvement found")
    assert "no good reason to give up your own prompt" in text


def test_nothing_else_was_found(account: RunHistory) -> None:
    """If the best prompt is the one that the search began with, no difference is mentioned."""
    text = _text(account, 0.0, 0.0, same=True)
    assert "no better prompt than the one it began with" in text
    assert "interval" not in text


def test_what_the_control_means(account: RunHistory) -> None:
    """The control tells whether the source tasks were worth their cost, were not, or that it is open."""
    assert "The source tasks were worth their cost." in _text(account, 0.1, 0.2, control=0.05)
    assert "were not worth their cost" in _text(account, 0.1, 0.2, control=-0.3)
    assert "It remains open" in _text(account, 0.1, 0.2, control=-0.05)


def test_no_verdict(account: RunHistory) -> None:
    """A run without a verdict claims nothing, and one that failed names its error."""
    made = RunHistory(account.run, account.opening)
    assert headline(made) == "The run is not finished"
    made.state.status, made.state.error = "failed", "no money left"
    assert headline(made) == "The run has failed"
    assert "no money left" in verdict_sentences(made)[0]


def test_without_a_control_no_gain_is_told(account: RunHistory) -> None:
    """A run with source tasks and without a control says that the effect of the sources was not measured."""
    text = "The transfer gain was not measured"
    assert text in _text(account, 0.05, 0.15)
    assert text not in _text(account, 0.05, 0.15, control=0.05)
