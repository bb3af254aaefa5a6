"""The report as an HTML page: one file that makes no requests and runs no script but its own.

Prompts and answers are untrusted text. The templates escape all of it, and a content security policy with
the digest of the one script stops anything that would slip through.
"""

import json
from base64 import b64encode
from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from ..console.visible import visible
from ..projections.cost_ratios import cached_share, mean_latency, share_of_time
from ..projections.finalist_scores import change_counts
from .contents import Contents
from .plots import learning_plot, reliability_plot, worth_plot
from .side_by_side import SideBySide

_PACKAGE = "transfer_prompting.orchestration.report"


@cache
def environment() -> Environment:
    """Return the environment of the templates, which escapes all values."""
    environment = Environment(
        loader=PackageLoader(_PACKAGE, "templates"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=True,
        finalize=_visible,
    )
    environment.filters |= {
        "percent": percent,
        "points": points,
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
    return filled(
        "report.html.jinja",
        c=contents,
        changes=change_counts(contents.pairs),
        plots={
            "tokens": Markup(learning_plot(contents.learning, "tokens", contents.score))
            if contents.learning
            else None,
            "seconds": Markup(learning_plot(contents.learning, "seconds", contents.score))
            if contents.learning
            else None,
            "worth": Markup(worth_plot(contents.worths, contents.metric)) if contents.worths else None,
            "reliability": Markup(reliability_plot(contents.reliabilities))
            if contents.reliabilities
            else None,
        },
    )


def comparison_page(found: SideBySide) -> str:
    """Return several runs side by side as HTML."""
    return filled("compare.html.jinja", c=found)


def filled(template: str, **values: object) -> str:
    """Return a filled template with the style sheet, the script, and the policy that allows only these."""
    style, script = asset("style.css"), asset("script.js")
    digest = b64encode(sha256(script.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'"
    return (
        environment()
        .get_template(template)
        .render(style=Markup(style), script=Markup(script), policy=policy, **values)
    )


def asset(name: str) -> str:
    """Return the text of a file in the folder of the templates."""
    return files(_PACKAGE).joinpath("templates", name).read_text(encoding="utf-8")


def percent(share: float | None) -> str:
    """Return a share in percent, or "-" if it is undefined."""
    return "-" if share is None else f"{100 * share:.1f} %"


def points(share: float) -> str:
    """Return a difference between shares in percentage points, with its sign."""
    return f"{100 * share:+.1f}"


def as_json(value: Mapping[str, Any]) -> str:
    """Return settings as indented JSON."""
    return json.dumps(value, indent=2, ensure_ascii=False)
