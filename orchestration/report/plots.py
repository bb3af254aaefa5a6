"""The plots as SVG, which takes its colours from the page so that it follows light and dark mode.

Matplotlib draws them, so the report needs no script of a plotting library, which would take one to four
megabytes. A plot takes ten to thirty kilobytes.
"""

import re
from collections.abc import Callable, Iterable
from io import StringIO
from typing import Any, Literal

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from ..projections.held_out import Reliability
from ..projections.learning_curve import CurveEnd
from ..projections.prompt_worth import PromptWorth
from .contents import Contents

_INK, FAINT, _PAPER = "#010101", "#020202", "#fefefe"
_SERIES = {"source": "#060606", "carried": "#060606", "target": "#040404", "control": "#050505"}
SERIES_COLOURS = ("#040404", "#030303", "#050505")
_ROLES = {"best": "#040404", "initial": "#030303", "control": "#050505"}
_COLOURS = {
    _INK: "var(--ink)",
    FAINT: "var(--faint)",
    _PAPER: "var(--paper)",
    "#030303": "var(--first)",
    "#040404": "var(--second)",
    "#050505": "var(--third)",
    "#060606": "var(--fourth)",
}
"""Placeholder colours in the plots -> variables of the style sheet that replace them."""
_MARKS = {"source": "o", "carried": "o", "target": "s", "control": "^", "best": "s", "initial": "o"}
_FINALISTS = {"best": "best prompt", "initial": "your prompt", "control": "control"}
_WIDTH = 5.8
"""Inches: narrow enough for its words to be readable on a phone."""
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


By = Literal["tokens", "seconds"]


def learning_plot(contents: Contents, by: By) -> str:
    """Plot the course of the score against `by`: from the user's own prompt to the held-out examples.

    The band is the 95 % interval on the development examples of that moment, the bars at the end are those
    of the held-out examples.
    """

    def draw(axes: Axes) -> None:
        for stage in dict.fromkeys(point.stage for point in contents.learning):
            _draw_stage(axes, contents, stage, by)
        for end in contents.learning_ends:
            _draw_way(axes, contents, end, by)
            _draw_end(axes, end, by)
        axes.set_xlabel("tokens spent" if by == "tokens" else "seconds since the start")
        axes.set_ylabel(contents.score)
        if contents.score == contents.metric:
            axes.yaxis.set_major_formatter(lambda value, _: f"{100 * value:.0f} %")
        axes.xaxis.set_major_locator(MaxNLocator(6))
        axes.xaxis.set_major_formatter(lambda value, _: f"{value:,.10g}")
        axes.margins(x=0.04)
        _legend_below(axes)

    return svg(f"learning-{by}", draw, height=4.2)


def _draw_stage(axes: Axes, contents: Contents, stage: str, by: By) -> None:
    starts = [point for point in contents.learning_starts if point.stage == stage]
    points = [*starts, *(point for point in contents.learning if point.stage == stage)]
    at, scores = [getattr(point, by) for point in points], [point.score for point in points]
    colour = _SERIES[stage]
    axes.plot(
        at,
        scores,
        drawstyle="steps-post",
        color=colour,
        marker=_MARKS[stage],
        markersize=4.5,
        label=f"best in the {stage} stage",
    )
    if all(point.low is not None and point.high is not None for point in points):
        low, high = [point.low or 0.0 for point in points], [point.high or 0.0 for point in points]
        axes.fill_between(at, low, high, step="post", color=colour, alpha=0.12, linewidth=0)
    if starts:
        axes.plot(at[:1], scores[:1], "o", color=_ROLES["initial"], markersize=8, zorder=3)


def _draw_way(axes: Axes, contents: Contents, end: CurveEnd, by: By) -> None:
    """Join a finalist with the last point of its curve, or with the beginning for the user's prompt."""
    control = end.role == "control"
    of_search = [point for point in contents.learning if (point.stage == "control") is control]
    points = contents.learning_starts if end.role == "initial" else of_search[::-1]
    last = next((point for point in points if point.prompt == end.prompt), None)
    if last is not None:
        at = [getattr(last, by), getattr(end, by)]
        axes.plot(at, [last.score, end.score], color=_ROLES[end.role], linestyle="dotted", linewidth=1.2)


def _draw_end(axes: Axes, end: CurveEnd, by: By) -> None:
    """Draw a finalist; the initial prompt has the colour of the curve's beginning."""
    low, high = (end.score if bound is None else bound for bound in (end.low, end.high))
    axes.errorbar(
        [getattr(end, by)],
        [end.score],
        # Rounding can put a bound beyond the value itself, which cannot be drawn.
        yerr=[[max(0.0, end.score - low)], [max(0.0, high - end.score)]],
        color=_ROLES[end.role],
        marker="D" if end.role == "best" else "o",
        markersize=8,
        capsize=5,
        linestyle="none",
        zorder=4,
        label=f"{_FINALISTS[end.role]}, held-out",
    )


def _legend_below(axes: Axes) -> None:
    axes.legend(loc="upper center", bbox_to_anchor=(0.45, -0.17), ncols=2, fontsize=9.5)


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
        figure = Figure(figsize=(_WIDTH, height), layout="constrained", facecolor="none")
        draw(figure.subplots())
        figure.savefig(text, format="svg", metadata={"Date": None, "Creator": None})
    drawn = text.getvalue()
    drawn = drawn[drawn.index("<svg") :]
    # The page's policy allows no style sheet but its own, which says the same.
    drawn = re.sub(r"<metadata>.*?</metadata>|<style.*?</style>", "", drawn, flags=re.DOTALL)
    drawn = re.sub(r'(\sid="|url\(#|href="#)', rf"\g<1>{name}-", drawn)
    drawn = re.sub(r'<svg ([^>]*?)width="[^"]*"', r"<svg \1", drawn, count=1)
    drawn = re.sub(r'<svg ([^>]*?)height="[^"]*"', r"<svg \1", drawn, count=1)
    for placeholder, colour in _COLOURS.items():
        drawn = drawn.replace(placeholder, colour)
    return drawn.replace("<svg ", '<svg aria-hidden="true" ', 1)
