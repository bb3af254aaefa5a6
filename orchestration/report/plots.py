"""The plots, as SVG that takes its colours from the page, so that they follow light and dark.

Matplotlib draws them: a report then has no script of a plotting library in it, which would be between one
and four megabytes, and each plot is some ten to thirty kilobytes of text.
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

_INK, _FAINT, _PAPER = "#010101", "#020202", "#fefefe"
_SERIES = {"source": "#030303", "target": "#040404", "control": "#050505"}
_ROLES = {"best": "#040404", "initial": "#030303", "control": "#050505"}
_COLOURS = {
    _INK: "var(--ink)",
    _FAINT: "var(--faint)",
    _PAPER: "var(--paper)",
    "#030303": "var(--first)",
    "#040404": "var(--second)",
    "#050505": "var(--third)",
}
"""Stand-ins that no plot uses for themselves -> what the style sheet says."""
_MARKS = {"source": "o", "target": "s", "control": "^", "best": "s", "initial": "o"}
_STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",
    "font.size": 11,
    "text.color": _INK,
    "axes.labelcolor": _INK,
    "axes.edgecolor": _FAINT,
    "axes.facecolor": "none",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": _FAINT,
    "grid.linewidth": 0.4,
    "xtick.color": _INK,
    "ytick.color": _INK,
    "legend.frameon": False,
    "text.parse_math": False,
}


def learning_plot(points: Sequence[LearningPoint], by: str) -> str:
    """The best score of each stage so far, by "tokens" or by "seconds"."""

    def draw(axes: Axes) -> None:
        for stage in dict.fromkeys(point.stage for point in points):
            mine = [point for point in points if point.stage == stage]
            axes.plot(
                [getattr(point, by) for point in mine],
                [point.score for point in mine],
                drawstyle="steps-post",
                color=_SERIES[stage],
                marker=_MARKS[stage],
                markersize=5,
                label=f"{stage} stage",
            )
        axes.set_xlabel("tokens spent" if by == "tokens" else "seconds since the start")
        axes.set_ylabel("score of the best prompt")
        axes.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
        axes.legend()

    return _svg(f"learning-{by}", draw)


def worth_plot(worths: Iterable[PromptWorth]) -> str:
    """Accuracy against the tokens of an answer; those on the Pareto front are filled and joined."""

    def draw(axes: Axes) -> None:
        stages: dict[str, list[PromptWorth]] = {}
        for worth in worths:
            stages.setdefault(worth.stage, []).append(worth)
        for stage, mine in stages.items():
            ahead = sorted((w for w in mine if w.on_front), key=lambda w: w.tokens)
            behind = [w for w in mine if not w.on_front]
            colour, mark = _SERIES[stage], _MARKS[stage]
            axes.plot(
                [w.tokens for w in ahead],
                [w.accuracy for w in ahead],
                drawstyle="steps-post",
                color=colour,
                marker=mark,
                label=f"{stage} stage, front",
            )
            axes.plot(
                [w.tokens for w in behind],
                [w.accuracy for w in behind],
                linestyle="none",
                color=colour,
                marker=mark,
                markerfacecolor="none",
            )
        axes.set_xlabel("tokens per example, request and reply")
        axes.set_ylabel("accuracy, development examples")
        axes.legend()

    return _svg("worth", draw)


def reliability_plot(reliabilities: Iterable[Reliability]) -> str:
    """Accuracy against confidence, bin by bin, with 95 % intervals; the diagonal is perfect calibration."""

    def draw(axes: Axes) -> None:
        axes.plot([0, 1], [0, 1], color=_FAINT, linestyle="dashed", label="calibrated")
        for reliability in reliabilities:
            bins = reliability.bins
            axes.errorbar(
                [b.confidence for b in bins],
                [b.accuracy for b in bins],
                yerr=[
                    [b.accuracy - b.accuracy_low for b in bins],
                    [b.accuracy_high - b.accuracy for b in bins],
                ],
                color=_ROLES[reliability.role],
                marker=_MARKS[reliability.role],
                capsize=3,
                elinewidth=0.8,
                label=reliability.role,
            )
        axes.set(xlabel="confidence", ylabel="share of right answers", xlim=(0, 1), ylim=(0, 1))
        axes.legend()

    return _svg("reliability", draw)


def _svg(name: str, draw: Callable[[Axes], None]) -> str:
    """The drawing as an element to be put into a page; its ids begin with `name`."""
    text = StringIO()
    # Ids are digests with this salt: the same run gives the same file.
    with rc_context({**_STYLE, "svg.hashsalt": name}):
        figure = Figure(figsize=(6.4, 3.8), layout="constrained", facecolor="none")
        draw(figure.subplots())
        figure.savefig(text, format="svg", metadata={"Date": None, "Creator": None})
    svg = text.getvalue()
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    svg = re.sub(r'(\sid="|url\(#|href="#)', rf"\g<1>{name}-", svg)
    svg = re.sub(r'<svg ([^>]*?)width="[^"]*"', r"<svg \1", svg, count=1)
    svg = re.sub(r'<svg ([^>]*?)height="[^"]*"', r"<svg \1", svg, count=1)
    for stand_in, colour in _COLOURS.items():
        svg = svg.replace(stand_in, colour)
    return svg.replace("<svg ", '<svg aria-hidden="true" ', 1)
