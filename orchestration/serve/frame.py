"""What surrounds a page of the server: its links, and files that it loads from the server itself."""

from markupsafe import Markup

from ..console.visible import one_line
from ..report.frame import Frame, asset

FILES = {
    "style.css": "text/css",
    "script.js": "text/javascript",
    "live.js": "text/javascript",
}
"""Name -> type of the files that pages load. None of them depends on a log."""
POLICY = (
    "default-src 'none'; style-src-elem 'self'; style-src-attr 'unsafe-inline'; script-src 'self'; "
    "connect-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""Styles in attributes are numbers of the templates and of Matplotlib, such as the width of a bar."""
_LINKS = {"/": "Runs", "/experience": "Experience", "/studies": "Studies"}


def served_frame(log: str) -> Frame:
    """Return the frame of all pages; `log` is the place of the log as it is shown."""
    links = Markup(" ").join(Markup('<a href="{}">{}</a>').format(*link) for link in _LINKS.items())
    place = one_line(log)
    return Frame(
        head=Markup('<link rel="stylesheet" href="/files/style.css">'),
        top=Markup(
            '<div class="site" role="navigation" aria-label="All pages">{} <span>{}</span></div>'
        ).format(links, place),
        foot=Markup('<script src="/files/script.js"></script><script src="/files/live.js"></script>'),
    )


def file(name: str) -> str:
    """Return the text of one of `FILES`."""
    return asset(name)
