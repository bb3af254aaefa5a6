"""Outputs for the tests of the console: a terminal in memory, and a pipe."""

from io import StringIO
from typing import IO, cast

import pyte
from rich.console import Console


class Terminal:
    """A terminal in memory with a Rich console for it. It keeps the lines that scroll off the top."""

    def __init__(self, width: int = 80, height: int = 24) -> None:
        self.screen = pyte.HistoryScreen(width, height, history=10_000)
        # A line feed also returns the carriage, as in the driver of a terminal.
        self.screen.set_mode(pyte.modes.LNM)
        self._stream = pyte.Stream(self.screen)
        self.writes = 0
        file = cast(IO[str], self)
        self.console = Console(file=file, force_terminal=True, width=width, height=height, _environ={})

    def write(self, text: str) -> int:
        """Interpret what the console writes."""
        self.writes += 1
        self._stream.feed(text)
        return len(text)

    def isatty(self) -> bool:
        """Return False, because there is no file descriptor behind it."""
        return False

    def flush(self) -> None:
        """Do nothing, because nothing is buffered."""

    @property
    def rows(self) -> list[str]:
        """Return what is on the screen now."""
        return [line.rstrip() for line in self.screen.display]

    @property
    def below_the_rule(self) -> list[str]:
        """Return the lines of a live region, which a rule separates from the lines above."""
        rule = max(i for i, row in enumerate(self.rows) if set(row) == {"─"})
        return [row for row in self.rows[rule + 1 :] if row]

    @property
    def scrolled(self) -> list[str]:
        """Return the lines that have scrolled off, oldest first."""
        width = self.screen.columns
        return ["".join(line[x].data for x in range(width)).rstrip() for line in self.screen.history.top]

    @property
    def text(self) -> str:
        """Return everything in one string."""
        return "\n".join([*self.scrolled, *self.rows])


class Pipe:
    """A Rich console that writes to a pipe, and what it has printed."""

    def __init__(self, width: int = 80) -> None:
        self._file = StringIO()
        self.console = Console(file=self._file, width=width, _environ={})

    @property
    def text(self) -> str:
        """Return everything in one string."""
        return self._file.getvalue()

    @property
    def rows(self) -> list[str]:
        """Return the lines, without trailing spaces."""
        return [line.rstrip() for line in self.text.splitlines()]
