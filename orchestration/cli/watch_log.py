"""Following a log with `watch`: first the events that are there, then each event as it is committed.

A person wants to see the end of a long log immediately. So with a tail only the messages are read at first
and the last of them are shown. The calls, which are nearly all of a log, are counted afterwards.
"""

from contextlib import suppress
from dataclasses import dataclass

from rich.console import Console

from ...agents.call_events import CALL_KINDS
from ...storage.place import Place
from ...storage.reader import Reader
from ..console.display import Display, Mode, choose_display
from ..console.selection import Chooser, Selection
from ..projections.run_status import ENDS, NOTES
from .log_reading import open_log
from .screen import open_screen

_GAP = 0.02
"""Seconds between two frames. They may follow fast, since the run itself works in another process."""
_ENDINGS = {*ENDS, "run.failed"}
_BATCH = 500
"""Number of calls that are counted before new events are shown again."""
_EVERYTHING = Selection()


@dataclass(frozen=True)
class _Backlog:
    """The events that were there already."""

    last: int
    """The last seq."""
    kind: str
    """Kind of the last event that is not a note."""
    uncounted: int
    """The seq up to which calls have not been counted."""


def watch_in_display(
    place: Place, name: str, mode: Mode, selection: Selection, *, follow: bool, tail: int | None
) -> None:
    """Show a run in the display for `mode` until it ends, or to the end of the log without `follow`."""
    screen = open_screen()
    tail = tail_for(mode, tail, screen, selection)
    with choose_display(
        mode, screen, gap=_GAP, calls=selection.calls, fold=selection.folds, note=selection.words
    ) as display:
        if follow:
            import asyncio  # Here because it takes long to load, and the other branch does without.

            asyncio.run(watch_run(place, name, display, tail=tail, selection=selection))
        else:
            show_run(place, name, display, tail=tail, selection=selection)


def tail_for(
    mode: Mode, given: int | None, console: Console, selection: Selection = _EVERYTHING
) -> int | None:
    """Return how many earlier messages to show: a screenful in a terminal, and None for all elsewhere.

    A selection that has a starting point or includes calls gets everything from there on.
    """
    if given is not None or selection.since or selection.calls:
        return given
    return None if mode in ("json", "log") or not console.is_terminal else console.size.height


def show_run(
    path: Place, name: str, display: Display, *, tail: int | None, selection: Selection = _EVERYTHING
) -> None:
    """Feed the events that the log has of a run to `display`."""
    with open_log(path) as reader:
        _show_backlog(reader, reader.resolve(name), display, tail, Chooser(selection))


async def watch_run(
    path: Place,
    name: str,
    display: Display,
    *,
    tail: int | None,
    follow: bool = True,
    selection: Selection = _EVERYTHING,
) -> None:
    """Feed a run to `display` until it ends, or to the end of the log without `follow`."""
    import asyncio  # Here because it takes long to load, and `show_run` does without.

    with open_log(path) as reader:
        run = reader.resolve(name)
        chooser = Chooser(selection)
        backlog = _show_backlog(reader, run, display, tail, chooser)
        if not follow or backlog.kind in _ENDINGS:
            return
        counting = asyncio.create_task(_count_calls(reader, run, display, backlog.uncounted))
        try:
            async for event in reader.follow(run, after=backlog.last):
                display.apply(event) if chooser.takes(event) else display.pass_over(event)
                if event.kind in _ENDINGS:
                    return
        finally:
            counting.cancel()
            with suppress(asyncio.CancelledError):
                await counting


def _show_backlog(reader: Reader, run: str, display: Display, tail: int | None, chooser: Chooser) -> _Backlog:
    if tail is not None:
        return _show_tail(reader, run, display, tail, chooser)
    since = chooser.selection.since
    if since:
        early = [
            event
            for event in reader.read(run, without=CALL_KINDS)
            if event.seq < since and not chooser.takes(event)
        ]
        display.skip(early)
    last, kind = 0, ""
    for event in reader.read(run, after=max(0, since - 1)):
        display.apply(event) if chooser.takes(event) else display.pass_over(event)
        last, kind = event.seq, kind if event.kind in NOTES else event.kind
    return _Backlog(last, kind, uncounted=max(0, since - 1))


def _show_tail(reader: Reader, run: str, display: Display, tail: int, chooser: Chooser) -> _Backlog:
    messages = list(reader.read(run, without=CALL_KINDS))
    wanted = [number for number, event in enumerate(messages) if chooser.takes(event)]
    first = wanted[-tail:][0] if wanted else len(messages)
    display.skip(messages[:first])
    shown = set(wanted)
    for number, event in enumerate(messages[first:], first):
        display.apply(event) if number in shown else display.pass_over(event)
    kinds = [event.kind for event in messages if event.kind not in NOTES]
    last = messages[-1].seq if messages else 0
    return _Backlog(last, kinds[-1] if kinds else "", uncounted=last)


async def _count_calls(reader: Reader, run: str, display: Display, last: int) -> None:
    """Count the calls up to the seq `last`, in batches, so that new events are shown meanwhile."""
    import asyncio

    if not last:
        return
    for number, event in enumerate(reader.read(run, kinds=CALL_KINDS)):
        if event.seq > last:
            return
        display.count(event)
        if number % _BATCH == 0:
            await asyncio.sleep(0)
