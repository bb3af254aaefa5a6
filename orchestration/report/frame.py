"""What surrounds a page: its policy, its style sheet and its script."""

from base64 import b64encode
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.resources import files

from markupsafe import Markup

PACKAGE = "transfer_prompting.orchestration.report"


@dataclass(frozen=True, slots=True)
class Frame:
    """What a page has besides its contents."""

    head: Markup
    top: Markup
    """Links to other pages."""
    foot: Markup


@cache
def offline_frame() -> Frame:
    """Return the frame of a page in one file: only its own style sheet and script are allowed.

    Styles in attributes are numbers of the templates and of Matplotlib, such as the width of a bar.
    """
    style, script = f"\n{asset('style.css')}", f"\n{asset('script.js')}"
    policy = (
        f"default-src 'none'; style-src-elem '{_digest(style)}'; style-src-attr 'unsafe-inline'; "
        f"script-src '{_digest(script)}'; base-uri 'none'; form-action 'none'"
    )
    head = Markup('<meta http-equiv="Content-Security-Policy" content="{}">\n<style>{}</style>')
    foot = Markup(f"<script>{script}</script>")
    return Frame(head=head.format(policy, Markup(style)), top=Markup(), foot=foot)


def asset(name: str) -> str:
    """Return the text of a file in the folder of the templates."""
    return files(PACKAGE).joinpath("templates", name).read_text(encoding="utf-8")


def _digest(text: str) -> str:
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"
