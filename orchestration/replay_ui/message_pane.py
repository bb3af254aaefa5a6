"""A message in full: its envelope, its text, and the model calls behind it, one of them opened."""

from collections.abc import Callable, Collection, Sequence
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
from ..console.formatting import number, row, short_name
from ..console.lines import lines, recipients
from ..console.trace import trace_text
from ..console.visible import harmless, one_line
from ..projections.exchanges import Exchange
from ..projections.execution_trace import ExecutionTrace
from ..projections.timeline import TimelineEntry


class MessagePane(ModalScreen[None]):
    """A pane over the whole screen; the arrow keys choose one of the calls, and `escape` closes the pane.

    `trace_of` returns the trace of a call that is an execution of a program; of it only `modules` are shown,
    if there are any.
    """

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

    def __init__(
        self,
        entry: TimelineEntry,
        exchanges: Sequence[Exchange],
        trace_of: Callable[[Exchange], ExecutionTrace] | None = None,
        modules: Collection[str] = (),
    ) -> None:
        super().__init__()
        self._trace_of, self._modules = trace_of, modules
        self._entry, self._exchanges = entry, exchanges
        self._raw = False

    def compose(self) -> ComposeResult:
        """Yield the head, a table of the calls, and the chosen call."""
        with Vertical():
            yield Static(_head(self._entry), id="head")
            if self._exchanges:
                table: DataTable[Text] = DataTable(id="calls", cursor_type="row", zebra_stripes=True)
                table.add_columns(*_COLUMNS)
                for index, exchange in enumerate(self._exchanges):
                    table.add_row(*_cells(exchange), key=str(index))
                yield table
            with VerticalScroll(can_focus=not self._exchanges):
                yield Static(self._body(0), id="body")
            yield Footer(show_command_palette=False, compact=True)

    def on_data_table_row_highlighted(self, event: DataTable.RowHighlighted) -> None:
        """Show the call at the cursor."""
        self._raw = False
        self.query_one("#body", Static).update(self._body(event.cursor_row))
        self.query_one(VerticalScroll).scroll_home(animate=False)

    def on_data_table_row_selected(self) -> None:
        """Close the pane: Enter does so in the table too."""
        self.dismiss()

    def action_raw(self) -> None:
        """Switch between the text of the message and the message as stored."""
        self._raw = not self._raw
        at = self.query_one(DataTable).cursor_row if self._exchanges else 0
        body = _stored(self._entry) if self._raw else self._body(at)
        self.query_one("#body", Static).update(body)

    def action_scroll(self, pages: int) -> None:
        """Scroll the text below the calls by that many pages."""
        pane = self.query_one(VerticalScroll)
        pane.scroll_relative(y=pages * max(1, pane.size.height - 1), animate=False)

    def _body(self, index: int) -> RenderableType:
        if not self._exchanges:
            return _stored(self._entry)
        exchange = self._exchanges[index]
        if exchange.executes and self._trace_of is not None:
            return _execution(exchange, trace_text(self._trace_of(exchange), modules=self._modules))
        return _exchange(exchange)


_COLUMNS = ("example", "answer", "expected", "correct", "conf.", "tokens", "seconds")


def _head(entry: TimelineEntry) -> RenderableType:
    event = entry.event
    about = row(
        (event.kind, "bold"),
        f"  {short_name(event.sender)} -> {recipients(event)}  ",
        (f"seq {event.seq}  {event.time.astimezone():%Y-%m-%d %H:%M:%S}", "dim"),
    )
    return Group(about, *lines(entry.event, entry.message))


def _cells(exchange: Exchange) -> tuple[Text, ...]:
    """Return the cells of a call. They are texts, because a table reads strings as markup."""
    outcome, reply = exchange.outcome, exchange.reply
    answer = "-" if outcome is None else outcome.answer or "(unreadable)"
    if exchange.failure and reply is None:
        answer = "(failed)"
    cells = (
        one_line(exchange.example)[:24],
        one_line(answer)[:16],
        one_line(exchange.expected or "-")[:16],
        "" if outcome is None else ("yes" if outcome.correct else "no"),
        number(outcome.confidence if outcome else None),
        "+".join(map(str, exchange.tokens)) if reply else "-",
        ("reused" if reply.reused else f"{reply.latency:.2f}") if reply else "-",
    )
    return tuple(map(Text, cells))


def _execution(exchange: Exchange, trace: RenderableType) -> RenderableType:
    read = [] if exchange.outcome is None else [_outcome(exchange.outcome, exchange.expected)]
    return Group(Text(f"seq {exchange.seq}: {one_line(exchange.about)}", style="bold"), *read, trace)


def _exchange(exchange: Exchange) -> RenderableType:
    parts: list[RenderableType] = [Text(f"seq {exchange.seq}: {one_line(exchange.about)}", style="bold")]
    if exchange.execution is not None:
        parts.append(Text(f"call of the program's execution at seq {exchange.execution.seq}", style="dim"))
    if exchange.outcome is not None:
        parts.append(_outcome(exchange.outcome, exchange.expected))
    parts.append(Text("\nreply", style="green"))
    if exchange.reply is None:
        parts.append(
            Text(harmless(exchange.failure or "no reply yet"), style="red" if exchange.failure else "dim")
        )
    else:
        parts += _reply(exchange)
    # Last, because it is the longest part, and only its end differs between calls.
    for message in exchange.request.messages if exchange.request else ():
        parts += [Text(f"\nprompt ({one_line(message.role)})", style="cyan"), Text(harmless(message.text))]
    return Group(*parts)


def _reply(exchange: Exchange) -> list[RenderableType]:
    assert exchange.reply is not None
    reply, request = exchange.reply.reply, exchange.request
    parts: list[RenderableType] = [Text(harmless(reply.text))] if reply.text else []
    for option, value in zip(
        request.options or () if request else (), reply.option_logprobs or (), strict=False
    ):
        parts.append(Text(f"{value:9.3f}  {one_line(option)}"))
    duration = "reused" if exchange.reply.reused else f"{exchange.reply.latency:.2f} s"
    cost = f"{reply.prompt_tokens} + {reply.completion_tokens} tokens, {duration}, ended by {reply.finish}"
    return [*parts, Text(cost, style="dim")]


def _outcome(outcome: Outcome, expected: str | None) -> Text:
    answer = "(unreadable)" if outcome.answer is None else one_line(outcome.answer)
    verdict = ("correct", "green") if outcome.correct else ("wrong", "red")
    correct = "" if expected is None else f", expected {one_line(expected)}"
    confidence = "" if outcome.confidence is None else f", confidence {outcome.confidence:.2f}"
    return Text.assemble(f"answer: {answer}, ", verdict, f"{correct}{confidence}")


def _stored(entry: TimelineEntry) -> RenderableType:
    if not entry.event.data:
        return Text("The payload was redacted.", style="yellow")
    stored = entry.event.data.decode(errors="replace")
    try:
        return JSON(stored)
    except ValueError:
        return Text(harmless(stored))
