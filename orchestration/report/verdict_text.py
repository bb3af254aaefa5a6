"""The verdict in plain sentences, for readers who do not know how it is reached."""

from collections.abc import Iterator

from ...agents.messages import Comparison, RunFinished
from ..projections.cut_replies import cut_warnings
from ..projections.history import RunHistory
from ..projections.transfer_effect import TransferEffect, transfer_effect

_EFFECTS: dict[TransferEffect, str] = {
    "helped": "The source tasks were worth their cost.",
    "hurt": "The source tasks were not worth their cost: use the control's prompt.",
    "open": "It remains open whether the source tasks were worth their cost.",
}


def headline(history: RunHistory) -> str:
    """Return the outcome of the run in a few words."""
    finished = history.state.finished
    if history.state.no_result is not None:
        return "The run has no result"
    if finished is not None and not finished.comparisons:
        return "No verdict"
    if finished is not None:
        return "Improvement found" if finished.improved else "No improvement found"
    return "The run has failed" if history.state.status == "failed" else "The run is not finished"


def verdict_sentences(history: RunHistory) -> tuple[str, ...]:
    """Return the meaning of the verdict, the evidence for it, and warnings, sentence by sentence."""
    finished = history.state.finished
    if finished is None:
        error = f" It stopped with this error: {history.state.error}" if history.state.error else ""
        return (
            f"There is no verdict yet: no prompt has been compared on held-out examples.{error}",
            "The scores below are measured on development examples. They are too optimistic, because they "
            "were used to choose the prompts.",
        )
    if (reason := history.state.no_result) is not None:
        return (
            f"The final comparison says nothing. {reason}",
            "The best prompt was chosen on the development examples alone.",
        )
    return (*_sentences(finished), *cut_warnings(history.state))


def _sentences(finished: RunFinished) -> Iterator[str]:
    found = {comparison.measure: comparison for comparison in finished.comparisons}
    accuracy, composite = found.get("accuracy"), found.get("composite")
    if accuracy is None or composite is None:
        yield f"The search ended, and nothing could be compared: {finished.verdict}."
        yield "So there is no evidence that any prompt is better than your own."
        return
    if finished.best.id == finished.initial.id:
        yield "The search found no better prompt than the one it began with."
        yield f"That prompt answers {_percent(accuracy.best)} of {accuracy.n} held-out examples correctly."
    else:
        yield (
            f"On {accuracy.n} held-out examples, which played no part in the search, the best prompt answers "
            f"{_percent(accuracy.best)} correctly, and the best of your own prompts "
            f"{_percent(accuracy.other)}: {_points(accuracy.difference)} points ({_interval(accuracy)})."
        )
        yield f"The composite score, which decides the verdict, {_change(composite)} {_meaning(finished)}"
    if (effect := transfer_effect(finished)) is not None:
        yield _control(finished, effect)


def _change(composite: Comparison) -> str:
    return (
        f"goes from {composite.other:.3f} to {composite.best:.3f}: "
        f"{_points(composite.difference)} points ({_interval(composite)})."
    )


def _meaning(finished: RunFinished) -> str:
    if finished.improved:
        return "The whole interval lies above zero, so the gain is unlikely to be chance."
    return (
        "The interval does not lie above zero, so the difference may be chance: "
        "there is no good reason to give up your own prompt."
    )


def _control(finished: RunFinished, effect: TransferEffect) -> str:
    found = {comparison.measure: comparison for comparison in finished.against_control}
    if "accuracy" not in found:
        return f"The comparison with the control lacks the accuracy. {_EFFECTS[effect]}"
    accuracy, composite = found["accuracy"], found["composite"]
    return (
        f"A search on the target task alone, at the same cost (the control), found a prompt that answers "
        f"{_percent(accuracy.other)} correctly. The best prompt differs from it by "
        f"{_points(accuracy.difference)} points in accuracy ({_interval(accuracy)}) and by "
        f"{_points(composite.difference)} points in composite score ({_interval(composite)}). "
        f"{_EFFECTS[effect]}"
    )


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _points(share: float) -> str:
    return f"{100 * share:+.1f}"


def _interval(comparison: Comparison) -> str:
    return f"95 % interval {_points(comparison.low)} to {_points(comparison.high)}"
