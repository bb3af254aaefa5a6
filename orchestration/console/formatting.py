"""Text for the screen: short names and colours of agents, numbers, and lines that fit their width."""

from dataclasses import dataclass

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from ..projections.executions import EXECUTOR
from .visible import harmless, one_line

_COLOURS = {
    "curator": "magenta",
    "reference": "cyan",
    "scorer": "green",
    "user": "bold",
    "runtime": "red",
    "model": "blue",
}
_OTHER_COLOURS = ("cyan", "magenta", "green", "blue")
"""Those of the eight basic colours that are readable on dark and on light backgrounds."""
_MIN_INDENTED = 30
"""Width below which the continuation of a line is not indented."""


def short_name(agent: str) -> str:
    """Return an agent's name for people: "curator/main" is "curator", "model/scorer" "scorer's model".

    The model that runs programs is "program".
    """
    if agent == EXECUTOR:
        return "program"
    first, _, rest = one_line(agent).partition("/")
    return f"{rest}'s model" if first == "model" and rest else first


def colour(agent: str) -> str:
    """Return the Rich style of an agent, always the same; roles not known here share four colours."""
    role = agent.partition("/")[0]
    return _COLOURS.get(role) or _OTHER_COLOURS[sum(role.encode()) % len(_OTHER_COLOURS)]


def row(*parts: str | tuple[str, str]) -> Text:
    """Return a line that ends in an ellipsis if the terminal is too narrow. Parts are never markup."""
    text = Text(no_wrap=True, overflow="ellipsis")
    for part in parts:
        words, style = (part, None) if isinstance(part, str) else part
        text.append(harmless(words).replace("\n", " "), style)
    return text


def number(value: float | None, digits: int = 2) -> str:
    """Return a measure with `digits` decimals, or "-" if it is undefined."""
    return "-" if value is None else f"{value:.{digits}f}"


@dataclass(frozen=True)
class Spoken:
    """A line of the conversation that is cut to the width; a narrow screen has room for the sender alone."""

    head: Text
    sender: Text
    body: Text

    def whole(self) -> Text:
        """Return the line with all of its head."""
        return Text.assemble(self.head, self.body)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        narrow = options.max_width - self.head.cell_len < _MIN_INDENTED
        line = Text.assemble(self.sender, " ", self.body) if narrow else self.whole()
        line.no_wrap, line.overflow = True, "ellipsis"
        yield line


@dataclass(frozen=True)
class HangingIndent:
    """A line that is wrapped rather than cut; its continuation lines up with the start of `body`."""

    head: Text
    body: Text

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        room = options.max_width - self.head.cell_len
        if room < _MIN_INDENTED:
            yield Text.assemble(self.head, self.body, overflow="fold")
            return
        first, *rest = self.body.wrap(console, room, overflow="fold") or [Text()]
        yield Text.assemble(self.head, first)
        yield from (Text.assemble(" " * self.head.cell_len, line) for line in rest)
