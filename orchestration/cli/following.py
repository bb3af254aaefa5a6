"""How `watch` goes through a log: the backlog first, then each event as it is committed.

Of a long log a person wants the end, at once. So with a tail only the messages are read at first, the last
of them are shown, and the calls, which are nearly all of a log, are counted afterwards.
"""

import asyncio
from contextlib import suppress

from rich.console import Console

from ...storage.columns import CALL_KINDS
from ...storage.event import Event
from ...storage.places import Place, open_reader
from ...storage.queries import Reader
from ..console.display import Display, Mode
from ..lineage.endings import NOTES

_ENDINGS = {"run.finished", "run.failed"}
_BREATH = 500  # calls counted before new events have their turn again


def tail_for(mode: Mode, given: int | None, console: Console) -> int | None:
    """How many messages of the backlog to show: a screenful at a terminal, and None, all, elsewhere."""
    if given is not None or mode == "json" or not console.is_terminal:
        return given
    return console.size.height


async def watch_run(path: Place, name: str, display: Display, *, tail: int | None, follow: bool) -> None:
    """Feed a run to `display` until it ends, or to the end of the log without `follow`."""
    with open_reader(path) as reader:
        run = reader.resolve(name)
        last, kind = _show_backlog(reader, run, display, tail)
        if not follow or kind in _ENDINGS:
            return
        counting = asyncio.create_task(_count_calls(reader, run, display, 0 if tail is None else last))
        try:
            async for event in reader.follow(run, after=last):
                display.feed(event)
                if event.kind in _ENDINGS:
                    return
        finally:
            counting.cancel()
            with suppress(asyncio.CancelledError):
                await counting


def _show_backlog(reader: Reader, run: str, display: Display, tail: int | None) -> tuple[int, str]:
    """Show what is there; returns the seq up to which it was, and the kind that tells how the run stands."""
    if tail is None:
        last: Event | None = None
        kind = ""
        for last in reader.read(run):
            display.feed(last)
            kind = kind if last.kind in NOTES else last.kind
        return (last.seq if last else 0), kind
    said = list(reader.said(run))
    cut = max(0, len(said) - tail)
    display.skip(said[:cut])
    for event in said[cut:]:
        display.feed(event)
    turns = [event.kind for event in said if event.kind not in NOTES]
    return (said[-1].seq if said else 0), (turns[-1] if turns else "")


async def _count_calls(reader: Reader, run: str, display: Display, last: int) -> None:
    """Count the calls up to the seq `last`, in pieces: new events are shown meanwhile."""
    if not last:
        return
    for number, event in enumerate(reader.read(run, kinds=CALL_KINDS)):
        if event.seq > last:
            return
        display.count(event)
        if number % _BREATH == 0:
            await asyncio.sleep(0)
