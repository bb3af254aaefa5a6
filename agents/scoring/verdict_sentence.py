"""The verdict as a sentence with its numbers, the main metric first."""

from collections.abc import Sequence

from ..messages import Comparison
from .paired_test import TestName


def sentence(
    comparisons: Sequence[Comparison],
    p_value: float,
    test: TestName,
    against_control: Sequence[Comparison] = (),
    *,
    improved: bool,
    smallest_gain: float | None = None,
) -> str:
    """Return the verdict as a sentence, with the comparison with a control if there is one.

    The main metric comes first in `comparisons`. `smallest_gain` is the gain in it that the examples would
    have shown.
    """
    main, *others = comparisons
    found = "improvement found" if improved else "no improvement found"
    parts = [
        f"{found}: {main.title} {main.other:.3f} -> {main.best:.3f} ({_points(main.difference)} points, "
        f"95 % interval {_interval(main)}, p = {p_value:.2g}, {test})",
        *(f"{c.title} {c.other:.3f} -> {c.best:.3f} ({_interval(c)})" for c in others),
        f"on {main.n} held-out examples",
    ]
    verdict = ", ".join(parts)
    if smallest_gain is not None:
        verdict += f"; a gain of {100 * smallest_gain:.0f} points would have been seen four times out of five"
    if against_control:
        verdict += f"; against the control {', '.join(map(_against, against_control))}"
    return verdict


def _against(comparison: Comparison) -> str:
    return f"{comparison.title} {_points(comparison.difference)} points ({_interval(comparison)})"


def _points(share: float) -> str:
    return f"{100 * share:+.1f}"


def _interval(comparison: Comparison) -> str:
    return f"{_points(comparison.low)} to {_points(comparison.high)}"
