"""The live view as an SVG picture that loads nothing from elsewhere."""

import re
from collections.abc import Sequence
from io import StringIO

from rich.console import Group, RenderableType
from rich.segment import Segment, Segments

from ..projections.run_state import RunState
from .safe_console import SafeConsole
from .status_panel import status_panel
from .visible import harmless

_FONT = re.compile(r"@font-face\s*\{.*?\}\s*", re.DOTALL)


def picture(
    view: RunState, lines: Sequence[RenderableType], title: str, *, width: int, height: int, tail: int | None
) -> str:
    """Return the SVG of a terminal of `width` x `height` characters.

    It shows the end of the conversation in `lines`, at most the last `tail` of them, and the status below.
    """
    screen = {"width": width, "height": height, "force_terminal": True, "color_system": "truecolor"}
    console = SafeConsole(**screen, record=True, file=StringIO(), _environ={})  # type: ignore[arg-type]
    panel = status_panel(view, width, height)
    room = height - len(console.render_lines(panel, pad=False))
    rows = console.render_lines(Group(*lines[-(tail or room) :]), pad=False)
    for row in rows[-room:]:
        console.print(Segments([*row, Segment.line()]), end="")
    console.print(panel)
    # Rich names a font on the web; a picture in a document should not request it.
    return _FONT.sub("", console.export_svg(title=harmless(title)))
