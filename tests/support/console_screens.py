"""Where the console's tests write to: a terminal in memory, and a pipe."""

from io import StringIO
from typing import IO, cast

import pyte
from rich.console import Console


class Terminal:
    """A terminal in memory with a Rich console for it; keeps what scrolls off the top."""

    def __init__(self, width: int = 80, height: int = 24) -> None:
        self.screen = pyte.HistoryScreen(width, height, history=10_000)
        # As a terminal's driver does: a line feed also returns the carriage.
        self.screen.set_mode(pyte.modes.LNM)
        self._stream = pyte.Stream(self.screen)
        self.writes = 0
        file = cast(IO[str], self)
        self.console = Console(file=file, force_terminal=True, width=width, height=height, _environ={})

    def write(self, text: str) -> int:
        """Take in what the console writes."""
        self.writes += 1
        self._stream.feed(text)
        return len(text)

    def flush(self) -> None:
        """Nothing is held back."""

    @property
    def rows(self) -> list[str]:
        """What is on the screen now."""
        return [line.rstrip() for line in self.screen.display]

    @property
    def below_the_rule(self) -> list[str]:
        """The lines of a live region, which a rule parts from what is above."""
        rule = max(i for i, row in enumerate(self.rows) if set(row) == {"─"})
        return [row for row in self.rows[rule + 1 :] if row]

    @property
    def scrolled(self) -> list[str]:
        """What has scrolled off, oldest first."""
        width = self.screen.columns
        return ["".join(line[x].data for x in range(width)).rstrip() for line in self.screen.history.top]

    @property
    def text(self) -> str:
        """Everything, in one string."""
        return "\n".join([*self.scrolled, *self.rows])


class Pipe:
    """A Rich console that is no terminal, and what it has printed."""

    def __init__(self, width: int = 80) -> None:
        self._file = StringIO()
        self.console = Console(file=self._file, width=width, _environ={})

    @property
    def text(self) -> str:
        """Everything, in one string."""
        return self._file.getvalue()

    @property
    def rows(self) -> list[str]:
        """The lines, without the spaces at their ends."""
        return [line.rstrip() for line in self.text.splitlines()]
