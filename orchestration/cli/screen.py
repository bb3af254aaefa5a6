"""The consoles of the program."""

import os
import sys
from contextlib import suppress
from typing import TextIO, cast

from rich.console import Console, ConsoleDimensions

from ..console.safe_console import SafeConsole
from ..console.streams import GuardedStream


def open_screen(*, stderr: bool = False) -> Console:
    """Return standard output, or standard error, as a console that prints strings as they are."""
    stream = sys.stderr if stderr else sys.stdout
    drawn = stream.drawn if isinstance(stream, GuardedStream) else stream
    console = SafeConsole(file=cast(TextIO, drawn), markup=False, emoji=False, highlight=False)
    if console.is_dumb_terminal and "COLUMNS" not in os.environ:
        # Rich takes such a terminal to be 80 columns wide.
        with suppress(OSError):
            console.size = ConsoleDimensions(*os.get_terminal_size(stream.fileno()))
    return console
