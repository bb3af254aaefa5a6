"""The page: one file, no request to anywhere, and nothing in it runs but its own script.

Prompts and answers are hostile text. The template escapes all of it, and a content security policy with
the digest of the one script would stop what came through.
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

from ..console.formatting import harmless
from .contents import Contents
from .plots import learning_plot, reliability_plot, worth_plot
from .side_by_side import SideBySide

_PACKAGE = "transfer_prompting.orchestration.report"


@cache
def environment() -> Environment:
    """Templates that escape whatever they are given."""
    made = Environment(
        loader=PackageLoader(_PACKAGE, "templates"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=True,
    )
    made.filters |= {"percent": percent, "points": points, "readable": harmless, "json": as_json}
    return made


def page(contents: Contents) -> str:
    """The report as HTML."""
    return filled(
        "report.html.jinja",
        c=contents,
        plots={
            "tokens": Markup(learning_plot(contents.learning, "tokens")) if contents.learning else None,
            "seconds": Markup(learning_plot(contents.learning, "seconds")) if contents.learning else None,
            "worth": Markup(worth_plot(contents.worths)) if contents.worths else None,
            "reliability": Markup(reliability_plot(contents.reliabilities))
            if contents.reliabilities
            else None,
        },
    )


def comparison_page(found: SideBySide) -> str:
    """Several runs side by side as HTML."""
    return filled("compare.html.jinja", c=found)


def filled(template: str, **values: object) -> str:
    """A template with the style sheet and the script in it, and the policy that lets only those two work."""
    style, script = asset("style.css"), asset("script.js")
    digest = b64encode(sha256(script.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'"
    made = environment().get_template(template)
    return made.render(style=Markup(style), script=Markup(script), policy=policy, **values)


def asset(name: str) -> str:
    """A file that lies beside the templates."""
    return files(_PACKAGE).joinpath("templates", name).read_text(encoding="utf-8")


def percent(share: float | None) -> str:
    """A share as it stands in a table; "-" where it is undefined."""
    return "-" if share is None else f"{100 * share:.1f} %"


def points(share: float) -> str:
    """A difference of shares in points."""
    return f"{100 * share:+.1f}"


def as_json(value: Mapping[str, Any]) -> str:
    """Settings, to be read by people."""
    return json.dumps(value, indent=2, ensure_ascii=False)
