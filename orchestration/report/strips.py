"""The rows of the grid of answers as small drawings: a cell for each example, equal neighbours joined."""

from collections.abc import Sequence
from itertools import groupby

from markupsafe import Markup

_LEVELS = 4
"""Shades between wrong and right; answers that are graded lie between the two."""
_UNASKED = "."


def strip(values: Sequence[float | None]) -> Markup:
    """Return a row as SVG, whose `data-values` has a character for each example: "." or a digit of 0 to 9."""
    drawn, at = [], 0
    for level, cells in groupby(map(_level, values)):
        count = len(list(cells))
        if level is not None:
            drawn.append(f'<path class="v{level}" d="M{at} 0h{count}v1h-{count}z"/>')
        at += count
    digits = "".join(_UNASKED if value is None else str(round(9 * _bounded(value))) for value in values)
    right = sum(value is not None and value >= 1 for value in values)
    asked = sum(value is not None for value in values)
    return Markup(
        f'<svg viewBox="0 0 {max(1, len(values))} 1" preserveAspectRatio="none" role="img" '
        f'aria-label="{right} of {asked} right" data-values="{digits}">{"".join(drawn)}</svg>'
    )


def _level(value: float | None) -> int | None:
    return None if value is None else round(_LEVELS * _bounded(value))


def _bounded(value: float) -> float:
    """Return a value within [0, 1], whatever the log says."""
    return min(1.0, max(0.0, value))
