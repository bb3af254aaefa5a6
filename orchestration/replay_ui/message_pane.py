"""A message in full: its envelope, what it says, and the model calls behind it, one of them opened."""

from collections.abc import Sequence
from typing import ClassVar

from rich.console import Group, RenderableType
from rich.json import JSON
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import DataTable, Footer, Static

from ...agents.messages.scores import Outcome
from ..console.formatting import harmless, number, one_line, row, short_name
from ..console.lines import lines, recipients
from ..projections.exchanges import Exchange
from ..projections.timeline import TimelineEntry


class MessagePane(ModalScreen[None]):
    """Over everything else; the arrow keys go through its calls, and `escape` closes it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,enter", "dismiss", "close"),
        Binding("j", "raw", "as stored"),
        Binding("pageup", "scroll(-1)", "up", show=False),
        Binding("pagedown", "scroll(1)", "down", show=False),
    ]
    AUTO_FOCUS = "DataTable, VerticalScroll"
    CSS = """
    MessagePane { align: center middle; }
    MessagePane > Vertical { width: 94%; height: 94%; background: $surface; border: round $primary; }
    MessagePane #calls { height: auto; max-height: 40%; }
    MessagePane VerticalScroll { height: 1fr; padding: 0 1; }
    MessagePane #head { padding: 0 1; }
    """

    def __init__(self, told: TimelineEntry, found: Sequence[Exchange]) -> None:
        super().__init__()
        self._told, self._found = told, found
        self._raw = False

    def compose(self) -> ComposeResult:
        """Head, the calls as rows, and the one that is chosen."""
        with Vertical():
            yield Static(_head(self._told), id="head")
            if self._found:
                table: DataTable[str] = DataTable(id="calls", cursor_type="row", zebra_stripes=True)
                table.add_columns(*_COLUMNS)
                for number_, exchange in enumerate(self._found):
                    table.add_row(*_cells(exchange), key=str(number_))
                yield table
            with VerticalScroll(can_focus=not self._found):
                yield Static(self._body(0), id="body")
            yield Footer(show_command_palette=False, compact=True)

    def on_data_table_row_highlighted(self, event: DataTable.RowHighlighted) -> None:
        """Show the call that the cursor is on."""
        self._raw = False
        self.query_one("#body", Static).update(self._body(event.cursor_row))
        self.query_one(VerticalScroll).scroll_home(animate=False)

    def on_data_table_row_selected(self) -> None:
        """Enter in the table closes the pane, as it does elsewhere."""
        self.dismiss()

    def action_raw(self) -> None:
        """The message as the log stores it, and back."""
        self._raw = not self._raw
        at = self.query_one(DataTable).cursor_row if self._found else 0
        body = _stored(self._told) if self._raw else self._body(at)
        self.query_one("#body", Static).update(body)

    def action_scroll(self, pages: int) -> None:
        """Through the text below the calls."""
        pane = self.query_one(VerticalScroll)
        pane.scroll_relative(y=pages * max(1, pane.size.height - 1), animate=False)

    def _body(self, index: int) -> RenderableType:
        return _exchange(self._found[index]) if self._found else _stored(self._told)


_COLUMNS = ("example", "answer", "expected", "right", "sure", "tokens", "seconds")


def _head(told: TimelineEntry) -> RenderableType:
    event = told.event
    about = row(
        (f"{event.kind}", "bold"),
        f"  {short_name(event.sender)} -> {recipients(event)}  ",
        (f"seq {event.seq}  {event.time.astimezone():%Y-%m-%d %H:%M:%S}", "dim"),
    )
    return Group(about, *lines(told.event, told.message))


def _cells(exchange: Exchange) -> tuple[str, ...]:
    outcome, reply = exchange.outcome, exchange.reply
    answer = "-" if outcome is None else outcome.answer or "(unreadable)"
    if exchange.failure and reply is None:
        answer = "(failed)"
    return (
        one_line(exchange.example)[:24],
        one_line(answer)[:16],
        one_line(exchange.expected or "-")[:16],
        "" if outcome is None else ("yes" if outcome.correct else "no"),
        number(outcome.confidence if outcome else None),
        f"{reply.reply.prompt_tokens}+{reply.reply.completion_tokens}" if reply else "-",
        ("reused" if reply.reused else f"{reply.latency:.2f}") if reply else "-",
    )


def _exchange(exchange: Exchange) -> RenderableType:
    parts: list[RenderableType] = [Text(f"seq {exchange.seq}: {one_line(exchange.about)}", style="bold")]
    if exchange.outcome is not None:
        parts.append(_outcome(exchange.outcome, exchange.expected))
    parts.append(Text("\nreply", style="green"))
    if exchange.reply is None:
        parts.append(Text(exchange.failure or "none yet", style="red" if exchange.failure else "dim"))
    else:
        parts += _reply(exchange)
    # Last, since it is the longest, and the same for all but its end.
    for message in exchange.request.messages if exchange.request else ():
        parts += [Text(f"\nprompt ({message.role})", style="cyan"), Text(harmless(message.content))]
    return Group(*parts)


def _reply(exchange: Exchange) -> list[RenderableType]:
    assert exchange.reply is not None
    reply, request = exchange.reply.reply, exchange.request
    parts: list[RenderableType] = [Text(harmless(reply.text))] if reply.text else []
    for option, value in zip(
        request.options or () if request else (), reply.option_logprobs or (), strict=False
    ):
        parts.append(Text(f"{value:9.3f}  {one_line(option)}"))
    how = "reused" if exchange.reply.reused else f"{exchange.reply.latency:.2f} s"
    cost = f"{reply.prompt_tokens} + {reply.completion_tokens} tokens, {how}, ended by {reply.finish}"
    return [*parts, Text(cost, style="dim")]


def _outcome(outcome: Outcome, expected: str | None) -> Text:
    answer = "none that could be read" if outcome.answer is None else one_line(outcome.answer)
    verdict = ("right", "green") if outcome.correct else ("wrong", "red")
    wanted = "" if expected is None else f", expected {one_line(expected)}"
    sure = "" if outcome.confidence is None else f", confidence {outcome.confidence:.2f}"
    return Text.assemble(f"answer read: {answer}, ", verdict, f"{wanted}{sure}")


def _stored(told: TimelineEntry) -> RenderableType:
    if not told.event.data:
        return Text("The payload was redacted.", style="yellow")
    return JSON(told.event.data.decode(errors="replace"))
