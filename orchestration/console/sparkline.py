"""A curve in one line of text."""

from collections.abc import Sequence

_BARS = "▁▂▃▄▅▆▇█"
_PLAIN_BARS = "_.-=+*%#"


def sparkline(points: Sequence[tuple[int, float]], width: int, *, plain: bool = False) -> str:
    """Return the step function of `points` (place, value), places ascending, in `width` characters.

    The lowest value gets the lowest bar and the highest value the highest; `plain` uses ASCII alone.
    """
    if not points or width < 1:
        return ""
    bars = _PLAIN_BARS if plain else _BARS
    values = [value for _, value in points]
    low, span = min(values), max(values) - min(values)
    last = points[-1][0]
    text, at = "", 0
    for column in range(1, width + 1):
        while at + 1 < len(points) and points[at + 1][0] * width <= last * column:
            at += 1
        share = (values[at] - low) / span if span else 0.0
        text += bars[min(int(share * len(bars)), len(bars) - 1)]
    return text
