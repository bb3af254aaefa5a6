"""Several runs side by side: the prompt that each found, its cost, and the settings in which they differ."""

from collections.abc import Sequence
from dataclasses import dataclass

from ...agents.messages import Comparison
from ..projections.finalist_scores import Finalist, finalists_of
from ..projections.history import RunHistory
from ..projections.run_comparison import (
    Setting,
    differing_settings,
    money_spent,
    same_held_out_examples,
)
from ..projections.run_status import Status
from .verdict_text import headline


@dataclass(frozen=True, slots=True)
class RunColumn:
    """One run. Money is in the currency of the configured prices; None if there are none."""

    run: str
    status: Status
    headline: str
    target: str
    metric: str
    """The main metric in the user's words."""
    winner: str | None
    winner_text: str
    finalists: tuple[Finalist, ...]
    comparisons: tuple[Comparison, ...]
    """The best prompt against the best initial prompt."""
    evaluations: int
    """Number of development examples answered."""
    calls: int
    prompt_tokens: int
    completion_tokens: int
    money: float | None
    seconds: float
    seq: int
    hash: str


@dataclass(frozen=True, slots=True)
class SideBySide:
    """Runs in the order in which they were named."""

    runs: tuple[RunColumn, ...]
    settings: tuple[Setting, ...]
    same_examples: bool
    """True if all verdicts rest on the same held-out examples, so that their values can be compared."""


def side_by_side(histories: Sequence[RunHistory]) -> SideBySide:
    """Return the runs side by side."""
    return SideBySide(
        runs=tuple(map(_column, histories)),
        settings=tuple(differing_settings(histories)),
        same_examples=same_held_out_examples(histories),
    )


def _column(history: RunHistory) -> RunColumn:
    state, winner = history.state, history.state.winner
    return RunColumn(
        run=history.run,
        status=state.status,
        headline=headline(history),
        target=", ".join(history.opening.target_tasks),
        metric=state.metric,
        winner=winner.id if winner else None,
        winner_text=winner.text if winner else "",
        finalists=tuple(finalists_of(history)),
        comparisons=state.finished.comparisons if state.finished else (),
        evaluations=state.evaluations,
        calls=state.calls.requested,
        prompt_tokens=state.spending.prompt_tokens,
        completion_tokens=state.spending.completion_tokens,
        money=money_spent(state),
        seconds=state.elapsed,
        seq=history.seq,
        hash=history.hash,
    )
