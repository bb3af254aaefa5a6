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
    return (*_sentences(finished), *_not_measured(history, finished), *cut_warnings(history.state))


def _not_measured(history: RunHistory, finished: RunFinished) -> tuple[str, ...]:
    """Return what is not known of a source stage without a control, which alone can show its effect."""
    if finished.control is not None or not history.opening.source_tasks:
        return ()
    return ("The transfer gain was not measured: set search.control = true.",)


def _sentences(finished: RunFinished) -> Iterator[str]:
    found = {comparison.measure: comparison for comparison in finished.comparisons}
    main = found.get("metric")
    if main is None:
        yield f"The search ended, and nothing could be compared: {finished.verdict}."
        yield "So there is no evidence that any prompt is better than your own."
        return
    if finished.best.id == finished.initial.id:
        yield "The search found no better prompt than the one it began with."
        yield f"On {main.n} held-out examples that prompt reaches {_value(main, main.best)}."
    else:
        yield (
            f"On {main.n} held-out examples, which played no part in the search, the best prompt reaches "
            f"{_value(main, main.best)}, and the best of your own prompts {_share(main.other)}: "
            f"{_points(main.difference)} points ({_interval(main)})."
        )
        if (composite := found.get("composite")) is not None:
            yield (
                f"The composite score, which decides the verdict, goes from {composite.other:.3f} to "
                f"{composite.best:.3f}: {_points(composite.difference)} points ({_interval(composite)})."
            )
        yield _meaning(finished)
    if (effect := transfer_effect(finished)) is not None:
        yield _control(finished, effect)


def _meaning(finished: RunFinished) -> str:
    if finished.improved:
        return "The whole interval lies above zero, so the gain is unlikely to be chance."
    seen = ""
    if finished.smallest_gain is not None:
        gain = f"{100 * finished.smallest_gain:.0f} points"
        seen = f" A gain of {gain} would have been seen four times out of five."
    return f"This is not enough to rule out chance: there is no good reason to give up your own prompt.{seen}"


def _control(finished: RunFinished, effect: TransferEffect) -> str:
    found = {comparison.measure: comparison for comparison in finished.against_control}
    main, composite = found.get("metric"), found.get("composite")
    if main is None:
        return f"The comparison with the control lacks the main metric. {_EFFECTS[effect]}"
    and_by = (
        f" and by {_points(composite.difference)} points in composite score ({_interval(composite)})"
        if composite
        else ""
    )
    return (
        f"A search on the target task alone, at the same cost (the control), found a prompt that reaches "
        f"{_value(main, main.other)}. The best prompt differs from it by {_points(main.difference)} points "
        f"({_interval(main)}){and_by}. {_EFFECTS[effect]}"
    )


def _value(comparison: Comparison, value: float) -> str:
    return f"{_article(comparison.title)} {comparison.title} of {_share(value)}"


def _article(noun: str) -> str:
    return "an" if noun[:1].lower() in "aeiou" else "a"


def _share(value: float) -> str:
    return f"{100 * value:.1f} %"


def _points(share: float) -> str:
    return f"{100 * share:+.1f}"


def _interval(comparison: Comparison) -> str:
    return f"95 % interval {_points(comparison.low)} to {_points(comparison.high)}"
