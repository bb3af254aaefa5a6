"""Words on the screen: agents' short names and colours, and text from models made harmless."""

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
_OTHERS = ("cyan", "magenta", "green", "blue")
"""Of the eight basic colours, those that can be read on dark and on light ground."""
_ROOM = 30
"""With less room than this for words, they are not set off."""
_UNSAFE = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""Control characters (but the line feed) and changes of writing direction."""


def short_name(agent: str) -> str:
    """An agent's name as people say it: "curator/main" is the curator, "model/scorer" the scorer's model."""
    first, _, rest = agent.partition("/")
    return f"{rest}'s model" if first == "model" and rest else first


def colour(agent: str) -> str:
    """The Rich style of an agent, always the same; roles that are not known here share four colours."""
    role = agent.partition("/")[0]
    return _COLOURS.get(role) or _OTHERS[sum(role.encode()) % len(_OTHERS)]


def harmless(text: str) -> str:
    """`text` without anything that a terminal would obey; a tab becomes a space, lines stay."""
    return _UNSAFE.sub("\N{REPLACEMENT CHARACTER}", text.replace("\r\n", "\n").replace("\t", " "))


def one_line(text: str) -> str:
    """`text` on a single line, without anything that a terminal would obey."""
    return harmless(" ".join(text.split()))


def row(*parts: str | tuple[str, str]) -> Text:
    """A line that is shortened with an ellipsis where the terminal ends. Parts are never read as markup."""
    return Text.assemble(*parts, no_wrap=True, overflow="ellipsis")


def number(value: float | None, digits: int = 2) -> str:
    """A measure for the screen; "-" where it is undefined."""
    return "-" if value is None else f"{value:.{digits}f}"


@dataclass(frozen=True)
class Hanging:
    """A line that is told to its end: what does not fit goes on below where the words began."""

    head: Text
    words: Text

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        room = options.max_width - self.head.cell_len
        if room < _ROOM:
            yield Text.assemble(self.head, self.words, overflow="fold")
            return
        first, *rest = self.words.wrap(console, room, overflow="fold") or [Text()]
        yield Text.assemble(self.head, first)
        yield from (Text.assemble(" " * self.head.cell_len, line) for line in rest)
