"""The consoles of the program."""

import sys
from typing import TextIO, cast

from rich.console import Console

from ..console.safe_console import SafeConsole
from ..console.streams import GuardedStream


def open_screen(*, stderr: bool = False) -> Console:
    """Return standard output, or standard error, as a console that prints strings as they are."""
    stream = sys.stderr if stderr else sys.stdout
    drawn = stream.drawn if isinstance(stream, GuardedStream) else stream
    return SafeConsole(file=cast(TextIO, drawn), markup=False, emoji=False, highlight=False)
