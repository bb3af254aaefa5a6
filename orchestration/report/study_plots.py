"""The plots of a study: gains of arms and differences between them, with their intervals."""

from collections.abc import Callable, Sequence

from matplotlib.axes import Axes

from ..console.visible import one_line
from ..studies.document import Contrast, Row, Tested
from .plots import FAINT, SERIES_COLOURS, svg

_MARKS = "os^Dv"
_HEIGHT = 0.34
"""Inches of a line of the plot."""


def gain_plot(rows: Sequence[Row]) -> str:
    """Plot the gain of each arm in points, line by line for each model and target."""
    return _dots("gains", [(_place(row), row.arm, row.gain) for row in rows if row.gain], "gain in points")


def contrast_plot(contrasts: Sequence[Contrast]) -> str:
    """Plot the differences between arms in points."""
    dots = [(_place(one), f"{one.arm} - {one.against}", one.tested) for one in contrasts]
    return _dots("contrasts", dots, "difference in points")


def _place(one: Row | Contrast) -> str:
    return " / ".join(one_line(part) for part in (one.model, one.target, one.setting) if part)


def _dots(name: str, dots: Sequence[tuple[str, str, Tested]], title: str) -> str:
    """Plot means with their intervals: a line for each place, a mark for each series."""
    places = list(dict.fromkeys(place for place, _, _ in dots))
    series = list(dict.fromkeys(one for _, one, _ in dots))
    return svg(name, _drawing(places, series, dots, title), height=1.2 + _HEIGHT * len(places))


def _drawing(
    places: Sequence[str], series: Sequence[str], dots: Sequence[tuple[str, str, Tested]], title: str
) -> Callable[[Axes], None]:
    def draw(axes: Axes) -> None:
        axes.axvline(0, color=FAINT, linestyle="dashed")
        for number, one in enumerate(series):
            own = [(places.index(place), tested) for place, of, tested in dots if of == one]
            shift = 0.6 * (number + 0.5) / len(series) - 0.3
            axes.errorbar(
                [100 * tested.difference for _, tested in own],
                [at + shift for at, _ in own],
                xerr=[
                    [100 * (tested.difference - _end(tested, tested.low)) for _, tested in own],
                    [100 * (_end(tested, tested.high) - tested.difference) for _, tested in own],
                ],
                linestyle="none",
                marker=_MARKS[number % len(_MARKS)],
                color=SERIES_COLOURS[number % len(SERIES_COLOURS)],
                markersize=5,
                capsize=3,
                elinewidth=0.8,
                label=one,
            )
        axes.set_yticks(range(len(places)), places)
        axes.invert_yaxis()
        axes.set_xlabel(title)
        axes.legend()

    return draw


def _end(tested: Tested, end: float | None) -> float:
    """Return the end of an interval, or the mean itself if there is none."""
    return tested.difference if end is None else end
