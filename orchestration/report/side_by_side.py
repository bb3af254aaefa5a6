"""Several runs side by side: what each found and what it cost, and in which settings they differ."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ...agents.messages import Comparison
from ..projections.history import RunHistory
from ..projections.json_diff import leaves
from .contents import Finalist, finalists_of
from .verdict_text import headline


@dataclass(frozen=True, slots=True)
class RunColumn:
    """One run. Money is in the currency of its prices; None where it has none."""

    run: str
    outcome: str
    headline: str
    target: str
    winner: str | None
    winner_text: str
    finalists: tuple[Finalist, ...]
    comparisons: tuple[Comparison, ...]
    """The best prompt against the user's own."""
    evaluations: int
    calls: int
    prompt_tokens: int
    completion_tokens: int
    money: float | None
    seconds: float
    seq: int
    hash: str


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting in which not all of the runs agree; a value is None where a run does not have it."""

    place: str
    values: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class SideBySide:
    """Runs in the order in which they were named."""

    runs: tuple[RunColumn, ...]
    settings: tuple[Setting, ...]
    same_examples: bool
    """Whether all verdicts rest on the same held-out examples, so that their numbers can be compared."""


def side_by_side(accounts: Sequence[RunHistory]) -> SideBySide:
    """The runs beside each other."""
    return SideBySide(
        runs=tuple(map(_column, accounts)),
        settings=tuple(_settings(accounts)),
        same_examples=len({_examples(account) for account in accounts}) == 1,
    )


def _column(account: RunHistory) -> RunColumn:
    view, winner = account.view, account.view.winner
    spent = view.spending.spent(view.elapsed)
    return RunColumn(
        run=account.run,
        outcome=view.outcome,
        headline=headline(account),
        target=account.opening.target_task,
        winner=winner.id if winner else None,
        winner_text=winner.text if winner else "",
        finalists=tuple(finalists_of(account)),
        comparisons=view.finished.comparisons if view.finished else (),
        evaluations=sum(board.evaluations for board in view.boards.values()),
        calls=view.calls.requested,
        prompt_tokens=view.calls.prompt_tokens,
        completion_tokens=view.calls.completion_tokens,
        money=spent["money"] if view.spending.priced else None,
        seconds=view.elapsed,
        seq=account.seq,
        hash=account.hash,
    )


def _settings(accounts: Sequence[RunHistory]) -> list[Setting]:
    """Every leaf of the configurations that is not the same in all of them."""
    written = [
        dict(leaves({**a.opening.config, "model in use": a.opening.models, "version": a.opening.versions}))
        for a in accounts
    ]
    places = dict.fromkeys(place for leaves_ in written for place in leaves_)
    found = (Setting(place, tuple(leaves_.get(place) for leaves_ in written)) for place in places)
    return [s for s in found if any(value != s.values[0] for value in s.values)]


def _examples(account: RunHistory) -> tuple[str, ...]:
    """The questions of the held-out examples that its verdict rests on, in any order."""
    task = account.tasks.get(account.opening.target_task)
    asked = {o.example for m in account.finals().values() for o in m.outcomes}
    return tuple(sorted(e.question for e in (task.test if task else ()) if e.id in asked))
