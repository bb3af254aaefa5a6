"""Pooled verdict over the runs of a k-fold cross-validation, from their logs alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...agents.messages import Comparison, StageFinished, TaskLoaded
from ...agents.messages.scores import Outcome
from ...agents.scoring.comparison import compare
from ...agents.scoring.finding import find
from ...agents.scoring.objective import recorded_weights
from ...agents.scoring.verdict import without
from ...agents.stage_names import is_kind
from ...prompts.loading.folds import Fold
from ..errors import ConfigError
from .history import RunHistory


@dataclass(frozen=True, slots=True)
class FoldResult:
    """The run of one fold: its best prompt against the best initial one, on the rows that it held out."""

    fold: str
    """Such as "2/5"."""
    run: str
    best: str
    """Id of the best prompt of the search."""
    initial: str
    """Id of the best of the user's initial prompts, as the search has found it."""
    comparison: Comparison | None
    """In the main metric; None if none of the rows could be evaluated."""
    excluded: int
    """Number of held-out rows that could not be evaluated."""


@dataclass(frozen=True, slots=True)
class CrossValidation:
    """The gain of the search on all rows: each fold's prompts on the rows that its search has not seen.

    It is the gain of the search, not that of one prompt. Interval and test take the rows as independent; the
    folds share training rows, so both are a little optimistic.
    """

    folds: tuple[FoldResult, ...]
    improved: bool
    verdict: str
    """Verdict in one sentence."""
    comparisons: tuple[Comparison, ...]
    """The main metric over all rows, then the composite score if it is the objective."""
    p_value: float | None
    """Two-sided p-value of no difference in the main metric; None if no row could be evaluated."""
    test: str | None
    smallest_gain: float | None
    """Difference in the main metric that the rows would have shown with a probability of 80 %.

    None if an improvement was found, or if no fold has found another prompt.
    """
    excluded: int
    """Number of rows that could not be evaluated."""


@dataclass(frozen=True, slots=True)
class _HeldOut:
    """The finalists of one run on the rows that it held out, in the same order."""

    history: RunHistory
    best_id: str
    initial_id: str
    best: Sequence[Outcome]
    initial: Sequence[Outcome]


def cross_validation(histories: Sequence[RunHistory]) -> CrossValidation:
    """Return the verdict over the runs of all folds of one configuration, in any order.

    Raise `ConfigError` if they are not those runs, or if one has no verdict.
    """
    runs = _in_order(histories)
    found = [_held_out(run) for run in runs]
    _check_once(found)
    folds = tuple(map(_result, found))
    excluded = sum(fold.excluded for fold in folds)
    best, initial = ([o for one in found for o in getattr(one, role)] for role in ("best", "initial"))
    if not best:
        none = f"no verdict: none of the {excluded} rows could be evaluated"
        return CrossValidation(folds, False, none, (), None, None, None, excluded)
    same = all(one.best_id == one.initial_id for one in found)
    pooled = find(best, initial, _weights(runs[0]), runs[0].opening.seed, runs[0].state.metric, same=same)
    return CrossValidation(
        folds=folds,
        improved=pooled.improved,
        verdict=pooled.sentence() + without(excluded),
        comparisons=pooled.comparisons,
        p_value=pooled.p_value,
        test=pooled.test,
        smallest_gain=pooled.smallest_gain,
        excluded=excluded,
    )


def _in_order(histories: Sequence[RunHistory]) -> list[RunHistory]:
    """Return the runs in the order of their folds; raise `ConfigError` unless there is one for each."""
    by_fold = {_fold(history): history for history in histories}
    folds = sorted(by_fold, key=lambda fold: fold.number)
    wanted = [Fold(number, folds[0].of) for number in range(1, folds[0].of + 1)] if folds else []
    if not folds or folds != wanted or len(histories) != len(folds):
        given = ", ".join(f"{_fold(history)} of {history.run}" for history in histories) or "none"
        raise ConfigError(f"A cross-validation needs one run for each of its folds; given are {given}.")
    first, *others = (by_fold[fold] for fold in folds)
    for other in others:
        if _without_fold(other) != _without_fold(first):
            raise ConfigError(
                f"The runs {first.run} and {other.run} have different configurations: they are not folds of "
                f"one cross-validation. `tp compare {first.run} {other.run}` shows the difference."
            )
    return [first, *others]


def _fold(history: RunHistory) -> Fold:
    written: Any = (history.opening.config.get("target") or {}).get("fold")
    try:
        return Fold.parse(written)
    except (AttributeError, ValueError):
        raise ConfigError(
            f"Run {history.run} holds out no fold (target.fold): it is no part of a cross-validation."
        ) from None


def _without_fold(history: RunHistory) -> dict[str, Any]:
    config = history.opening.config
    own = {"train": (), "dev": (), "test": ()}
    tasks = [loaded.task.model_copy(update=own) for _, loaded in history.of(TaskLoaded)]
    target = {**config["target"], "fold": None}
    return {**config, "target": target, "models in use": history.opening.models, "tasks in use": tasks}


def _held_out(history: RunHistory) -> _HeldOut:
    """Return the finalists of a run. Raise `ConfigError` if it has no verdict, or if it was redacted."""
    finished, finals = history.state.finished, history.state.finals
    if finished is None:
        raise ConfigError(f"Run {history.run} has no verdict yet. `tp resume {history.run}` continues it.")
    # The best prompt of the verdict may have been replaced for what it did on these very rows.
    stages = [message for _, message in history.of(StageFinished) if is_kind(message.stage, "target")]
    best = stages[-1].best.candidate.id if stages else ""
    initial = finished.initial.id
    if best not in finals or initial not in finals:
        raise ConfigError(f"The final scores of run {history.run} were redacted: it cannot be pooled.")
    first, other = finals.outcomes(best), {o.example: o for o in finals.outcomes(initial)}
    return _HeldOut(history, best, initial, first, [other[outcome.example] for outcome in first])


def _check_once(found: Sequence[_HeldOut]) -> None:
    """Raise `ConfigError` if two runs have held out the same row: then their data were not the same."""
    seen: dict[str, _HeldOut] = {}
    for one in found:
        for outcome in one.best:
            other = seen.setdefault(outcome.example, one)
            if other is not one:
                raise ConfigError(
                    f"The runs {other.history.run} and {one.history.run} have both held out the row "
                    f"{outcome.example!r}: their data differ, so they are not folds of one division."
                )


def _result(found: _HeldOut) -> FoldResult:
    history, comparison = found.history, None
    if found.best:
        title, seed = history.state.metric, history.opening.seed
        [comparison, *_] = compare(found.best, found.initial, _weights(history), seed, title)
    return FoldResult(
        fold=str(_fold(history)),
        run=history.run,
        best=found.best_id,
        initial=found.initial_id,
        comparison=comparison,
        excluded=len(history.state.finals.excluded),
    )


def _weights(history: RunHistory) -> Mapping[str, float]:
    return recorded_weights(history.opening.config.get("search"))
