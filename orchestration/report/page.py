"""The report as an HTML page: one file that makes no requests and runs no script but its own.

Prompts and answers are untrusted text. The templates escape all of it, and a content security policy with
the digests of the one script and the one style sheet stops anything that would slip through.
"""

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from ...agents.messages.base import plural
from ..console.visible import visible
from ..projections.cost_ratios import cached_share, mean_latency, share_of_time
from ..projections.experience.sentences import ToldSentence
from ..projections.finalist_scores import change_counts
from .contents import Contents
from .frame import PACKAGE, Frame, offline_frame
from .plots import learning_plot, reliability_plot, worth_plot
from .side_by_side import SideBySide
from .strips import strip

LIMITS = {"pairs": 500, "family": 200, "points": 300, "characters": 400, "reply": 20_000}
"""Most rows of each table, and most characters of a question in a table and of a whole reply.

So the page of a run with 20,000 examples stays one that can be sent. The JSON document has everything.
"""
_MINUTE = 60


@cache
def environment() -> Environment:
    """Return the environment of the templates, which escapes all values."""
    environment = Environment(
        loader=PackageLoader(PACKAGE, "templates"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=True,
        finalize=_visible,
    )
    environment.filters |= {
        "percent": percent,
        "points": points,
        "css": length,
        "duration": duration,
        "moment": moment,
        "plural": plural,
        "segment": segment,
        "short": short,
        "strip": strip,
        "json": as_json,
        "cached_share": cached_share,
        "mean_latency": mean_latency,
        "share_of_time": share_of_time,
    }
    return environment


def _visible(value: object) -> object:
    """Return a value of a template with its control and invisible characters made visible."""
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def page(contents: Contents) -> str:
    """Return the report of a run as HTML."""
    return report_in(offline_frame(), contents)


def report_in(frame: Frame, contents: Contents, **values: object) -> str:
    """Return the report of a run within a frame; `values` are further ones for the template."""
    return filled(
        "report.html.jinja",
        frame,
        c=contents,
        changes=change_counts(contents.pairs),
        most=LIMITS,
        reach=_reach(contents.sentences),
        plots=_plots(contents),
        **values,
    )


def comparison_page(found: SideBySide) -> str:
    """Return several runs side by side as HTML."""
    return filled("compare.html.jinja", offline_frame(), c=found)


def filled(template: str, frame: Frame, **values: object) -> str:
    """Return a filled template within a frame."""
    return environment().get_template(template).render(frame=frame, **values)


def _plots(contents: Contents) -> dict[str, Markup | None]:
    c = contents
    return {
        "tokens": Markup(learning_plot(c, "tokens")) if c.learning else None,
        "seconds": Markup(learning_plot(c, "seconds")) if c.learning else None,
        "worth": Markup(worth_plot(c.worths, c.metric)) if c.worths else None,
        "reliability": Markup(reliability_plot(c.reliabilities)) if c.reliabilities else None,
    }


def _reach(sentences: Iterable[ToldSentence]) -> float:
    """Return the worth at which the bar of a sentence is longest."""
    return max((abs(one.mean or 0.0) + (one.sd or 0.0) for one in sentences), default=0.0) or 1.0


def percent(share: float | None) -> str:
    """Return a share in percent, or "-" if it is undefined."""
    return "-" if share is None else f"{100 * share:.1f} %"


def length(share: float) -> str:
    """Return a share as a length in CSS, within its frame whatever the log says."""
    return f"{100 * min(1.0, max(0.0, share)):.2f}%"


def points(share: float) -> str:
    """Return a difference between shares in percentage points, with its sign."""
    return f"{100 * share:+.1f}"


def duration(seconds: float) -> str:
    """Return a time in words that are short."""
    if seconds < _MINUTE:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), _MINUTE)
    return (
        f"{minutes} min {rest} s" if minutes < _MINUTE else f"{minutes // _MINUTE} h {minutes % _MINUTE} min"
    )


def moment(microseconds: int) -> str:
    """Return a time since 1970 as a date and a time of day (UTC)."""
    return f"{datetime.fromtimestamp(microseconds / 1e6, UTC):%Y-%m-%d %H:%M:%S} UTC"


def segment(name: str) -> str:
    """Return a name as one segment of the path of an address."""
    return quote(name, safe="")


def short(text: str | None, most: int = LIMITS["characters"]) -> str:
    """Return the beginning of a long text."""
    text = text or ""
    return text if len(text) <= most else f"{text[:most].rstrip()}…"


def as_json(value: Mapping[str, Any]) -> str:
    """Return settings as indented JSON."""
    return json.dumps(value, indent=2, ensure_ascii=False)
