"""The live view as an SVG picture that needs nothing from anywhere else."""

import re
from collections.abc import Sequence
from io import StringIO

from rich.console import Console, Group, RenderableType
from rich.segment import Segment, Segments

from ..projections.run_state import RunState
from .formatting import harmless
from .status_panel import status_panel

_FONT = re.compile(r"@font-face\s*\{.*?\}\s*", re.DOTALL)


def picture(
    view: RunState, told: Sequence[RenderableType], title: str, *, width: int, height: int, tail: int | None
) -> str:
    """The SVG of a terminal of `width` x `height`: the end of what was `told`, and the state below it."""
    screen = {"width": width, "height": height, "force_terminal": True, "color_system": "truecolor"}
    console = Console(**screen, record=True, file=StringIO(), _environ={})  # type: ignore[arg-type]
    region = status_panel(view, width, height)
    room = height - len(console.render_lines(region, pad=False))
    rows = console.render_lines(Group(*told[-(tail or room) :]), pad=False)
    for line in rows[-room:]:
        console.print(Segments([*line, Segment.line()]), end="")
    console.print(region)
    # Rich names a font on the net; a picture in a document should not ask for it.
    return _FONT.sub("", console.export_svg(title=harmless(title)))
