"""Lines for pipes and files, which have no width: nothing is cut off at the edge of a screen."""

from rich.console import RenderableType
from rich.text import Text

from ...prompts.shortening import shorten
from .formatting import HangingIndent, Spoken

_LONGEST = 2_000
"""Most characters of a line. A reply can have a megabyte; the log and `tp show` have it whole."""


def uncut(line: RenderableType) -> RenderableType:
    """Return a line that is neither wrapped nor cut at the width of the console."""
    if isinstance(line, HangingIndent):
        return uncut(Text.assemble(line.head, line.body))
    if isinstance(line, Spoken):
        return uncut(line.whole())
    if not isinstance(line, Text):
        return line
    text = line.copy()
    if len(text) > _LONGEST:
        text = Text(f"{shorten(text.plain, _LONGEST)} ({len(text):,} characters)", style=text.style)
    text.no_wrap, text.overflow = True, "ignore"
    return text
