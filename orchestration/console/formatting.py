"""Text for the screen: short names and colours of agents, numbers, and model output made safe to print."""

import re
from dataclasses import dataclass

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

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
_UNSAFE = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""Control characters other than the line feed, and changes of writing direction."""


def short_name(agent: str) -> str:
    """Return an agent's name for people: "curator/main" is "curator", "model/scorer" "scorer's model"."""
    first, _, rest = agent.partition("/")
    return f"{rest}'s model" if first == "model" and rest else first


def colour(agent: str) -> str:
    """Return the Rich style of an agent, always the same; roles not known here share four colours."""
    role = agent.partition("/")[0]
    return _COLOURS.get(role) or _OTHER_COLOURS[sum(role.encode()) % len(_OTHER_COLOURS)]


def harmless(text: str) -> str:
    """Return `text` without terminal control sequences; a tab becomes a space, line breaks stay."""
    return _UNSAFE.sub("\N{REPLACEMENT CHARACTER}", text.replace("\r\n", "\n").replace("\t", " "))


def one_line(text: str) -> str:
    """Return `text` on a single line and without terminal control sequences."""
    return harmless(" ".join(text.split()))


def row(*parts: str | tuple[str, str]) -> Text:
    """Return a line that ends in an ellipsis if the terminal is too narrow. Parts are never markup."""
    return Text.assemble(*parts, no_wrap=True, overflow="ellipsis")


def number(value: float | None, digits: int = 2) -> str:
    """Return a measure with `digits` decimals, or "-" if it is undefined."""
    return "-" if value is None else f"{value:.{digits}f}"


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
