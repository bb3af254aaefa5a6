"""The verdict in plain sentences, for whoever has not read how it comes about."""

from collections.abc import Iterator

from ...agents.messages import Comparison, RunFinished
from ..projections.history import RunHistory


def headline(account: RunHistory) -> str:
    """How the run ended, in a few words."""
    finished = account.view.finished
    if finished is not None:
        return "Improvement found" if finished.improved else "No improvement found"
    return "The run has failed" if account.view.outcome == "failed" else "The run is not finished"


def in_words(account: RunHistory) -> tuple[str, ...]:
    """What the verdict means and what it rests on, sentence by sentence."""
    finished = account.view.finished
    if finished is None:
        error = f" It stopped with: {account.view.error}" if account.view.error else ""
        return (
            f"There is no verdict yet, so no prompt has been compared on held-out examples.{error}",
            "The scores below are those of development examples, which favour the prompts chosen by them.",
        )
    return tuple(_sentences(finished))


def _sentences(finished: RunFinished) -> Iterator[str]:
    found = {comparison.measure: comparison for comparison in finished.comparisons}
    accuracy, composite = found["accuracy"], found["composite"]
    if finished.best.id == finished.initial.id:
        yield "The search ended with the prompt that it began with: nothing better was found."
        yield f"It answers {_percent(accuracy.best)} of {accuracy.n} held-out examples rightly."
    else:
        yield (
            f"On {accuracy.n} examples that no decision had seen, the best prompt found answers "
            f"{_percent(accuracy.best)} rightly, the best of your own prompts {_percent(accuracy.other)}: "
            f"{_points(accuracy.difference)} points ({_interval(accuracy)})."
        )
        yield f"The composite score, by which the verdict goes, {_change(composite)} {_meaning(finished)}"
    if finished.control is not None and finished.against_control:
        yield _control(finished)


def _change(composite: Comparison) -> str:
    return (
        f"goes from {composite.other:.3f} to {composite.best:.3f}: "
        f"{_points(composite.difference)} points ({_interval(composite)})."
    )


def _meaning(finished: RunFinished) -> str:
    if finished.improved:
        return "The whole interval lies above zero, so the gain is not likely to be chance."
    return (
        "The interval does not lie above zero, so what difference there is may be chance: "
        "there is no good reason to give up your own prompt."
    )


def _control(finished: RunFinished) -> str:
    found = {comparison.measure: comparison for comparison in finished.against_control}
    accuracy, composite = found["accuracy"], found["composite"]
    if composite.low > 0:
        meaning = "The source tasks were worth it."
    elif composite.high < 0:
        meaning = "The source tasks were not worth it: use the control's prompt."
    else:
        meaning = "Whether the source tasks were worth it is open."
    return (
        f"Searched from scratch at the same cost (the control), the target's best prompt answers "
        f"{_percent(accuracy.other)} rightly; the best prompt found differs from that by "
        f"{_points(accuracy.difference)} points ({_interval(accuracy)}), in composite score by "
        f"{_points(composite.difference)} points ({_interval(composite)}). {meaning}"
    )


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _points(share: float) -> str:
    return f"{100 * share:+.1f}"


def _interval(comparison: Comparison) -> str:
    return f"95 % interval {_points(comparison.low)} to {_points(comparison.high)}"
