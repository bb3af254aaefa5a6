"""The last step before a line of the screen reaches the terminal: everything in it becomes visible text."""

from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

from ..console.safe_console import safe_segment


class SafeLines(LineFilter):
    """Makes control and invisible characters visible and removes links, without changing a line's width."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Return the segments of a line in a safe form."""
        safe = [segment if segment.control else safe_segment(segment) for segment in segments]
        if all(after is before for after, before in zip(safe, segments, strict=True)):
            return segments
        return Segment.adjust_line_length(safe, Segment.get_line_length(segments))
