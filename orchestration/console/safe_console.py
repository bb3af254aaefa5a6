"""Rich consoles that write terminal commands of their own and none that a text contains."""

from collections.abc import Iterator

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment

from .visible import visible


class SafeConsole(Console):
    """A console for text from outside. It makes control characters visible, and knows no markup or links."""

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterator[Segment]:
        """Yield the segments of `renderable`, with every text made visible."""
        for segment in super().render(renderable, options):
            yield segment if segment.control else safe_segment(segment)


def safe_segment(segment: Segment) -> Segment:
    """Return a segment of text without links and without control characters."""
    text, style = visible(segment.text), segment.style
    if style is not None and style.link:
        style = style.update_link(None)
    return segment if text == segment.text and style is segment.style else Segment(text, style)
