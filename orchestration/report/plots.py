"""The plots as SVG, which takes its colours from the page so that it follows light and dark mode.

Matplotlib draws them, so the report needs no script of a plotting library, which would take one to four
megabytes. A plot takes ten to thirty kilobytes.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from io import StringIO
from typing import Any

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ..projections.held_out import Reliability
from ..projections.learning_curve import LearningPoint, PromptWorth

_INK, FAINT, _PAPER = "#010101", "#020202", "#fefefe"
_SERIES = {"source": "#030303", "carried": "#030303", "target": "#040404", "control": "#050505"}
SERIES_COLOURS = ("#040404", "#030303", "#050505")
_ROLES = {"best": "#040404", "initial": "#030303", "control": "#050505"}
_COLOURS = {
    _INK: "var(--ink)",
    FAINT: "var(--faint)",
    _PAPER: "var(--paper)",
    "#030303": "var(--first)",
    "#040404": "var(--second)",
    "#050505": "var(--third)",
}
"""Placeholder colours in the plots -> variables of the style sheet that replace them."""
_MARKS = {"source": "o", "carried": "o", "target": "s", "control": "^", "best": "s", "initial": "o"}
_STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",
    "font.size": 11,
    "text.color": _INK,
    "axes.labelcolor": _INK,
    "axes.edgecolor": FAINT,
    "axes.facecolor": "none",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": FAINT,
    "grid.linewidth": 0.4,
    "xtick.color": _INK,
    "ytick.color": _INK,
    "legend.frameon": False,
    "text.parse_math": False,
}


def learning_plot(points: Sequence[LearningPoint], by: str, title: str = "score") -> str:
    """Plot the best score, called `title`, of each stage so far against `by`: "tokens" or "seconds"."""

    def draw(axes: Axes) -> None:
        for stage in dict.fromkeys(point.stage for point in points):
            of_stage = [point for point in points if point.stage == stage]
            axes.plot(
                [getattr(point, by) for point in of_stage],
                [point.score for point in of_stage],
                drawstyle="steps-post",
                color=_SERIES[stage],
                marker=_MARKS[stage],
                markersize=5,
                label=f"{stage} stage",
            )
        axes.set_xlabel("tokens spent" if by == "tokens" else "seconds since the start")
        axes.set_ylabel(f"{title} of the best prompt")
        axes.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
        axes.legend()

    return svg(f"learning-{by}", draw)


def worth_plot(worths: Iterable[PromptWorth], title: str = "accuracy") -> str:
    """Plot the main metric, called `title`, against tokens per answer.

    Prompts on the Pareto front are filled and joined.
    """

    def draw(axes: Axes) -> None:
        stages: dict[str, list[PromptWorth]] = {}
        for worth in worths:
            stages.setdefault(worth.stage, []).append(worth)
        for stage, of_stage in stages.items():
            front = sorted((w for w in of_stage if w.on_front), key=lambda w: w.tokens)
            others = [w for w in of_stage if not w.on_front]
            colour, mark = _SERIES[stage], _MARKS[stage]
            axes.plot(
                [w.tokens for w in front],
                [w.metric for w in front],
                drawstyle="steps-post",
                color=colour,
                marker=mark,
                label=f"{stage} stage, front",
            )
            axes.plot(
                [w.tokens for w in others],
                [w.metric for w in others],
                linestyle="none",
                color=colour,
                marker=mark,
                markerfacecolor="none",
            )
        axes.set_xlabel("tokens per example, request and reply")
        axes.set_ylabel(f"{title}, development examples")
        axes.legend()

    return svg("worth", draw)


def reliability_plot(reliabilities: Iterable[Reliability]) -> str:
    """Plot the accuracy and its 95 % interval against confidence; the diagonal is perfect calibration."""

    def draw(axes: Axes) -> None:
        axes.plot([0, 1], [0, 1], color=FAINT, linestyle="dashed", label="perfect calibration")
        for reliability in reliabilities:
            bins = reliability.bins
            axes.errorbar(
                [b.confidence for b in bins],
                [b.accuracy for b in bins],
                yerr=[
                    # Rounding can put a bound beyond the value itself, which cannot be drawn.
                    [max(0.0, b.accuracy - b.accuracy_low) for b in bins],
                    [max(0.0, b.accuracy_high - b.accuracy) for b in bins],
                ],
                color=_ROLES[reliability.role],
                marker=_MARKS[reliability.role],
                capsize=3,
                elinewidth=0.8,
                label=reliability.role,
            )
        axes.set(xlabel="confidence", ylabel="share of correct answers", xlim=(0, 1), ylim=(0, 1))
        axes.legend()

    return svg("reliability", draw)


def svg(name: str, draw: Callable[[Axes], None], height: float = 3.8) -> str:
    """Return a drawing, `height` inches high, as an element of an HTML page; its ids begin with `name`."""
    text = StringIO()
    # Matplotlib makes ids from this salt, so the same run gives the same file.
    with rc_context({**_STYLE, "svg.hashsalt": name}):
        figure = Figure(figsize=(6.4, height), layout="constrained", facecolor="none")
        draw(figure.subplots())
        figure.savefig(text, format="svg", metadata={"Date": None, "Creator": None})
    drawn = text.getvalue()
    drawn = drawn[drawn.index("<svg") :]
    drawn = re.sub(r"<metadata>.*?</metadata>", "", drawn, flags=re.DOTALL)
    drawn = re.sub(r'(\sid="|url\(#|href="#)', rf"\g<1>{name}-", drawn)
    drawn = re.sub(r'<svg ([^>]*?)width="[^"]*"', r"<svg \1", drawn, count=1)
    drawn = re.sub(r'<svg ([^>]*?)height="[^"]*"', r"<svg \1", drawn, count=1)
    for placeholder, colour in _COLOURS.items():
        drawn = drawn.replace(placeholder, colour)
    return drawn.replace("<svg ", '<svg aria-hidden="true" ', 1)
