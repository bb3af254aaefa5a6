"""How `watch` goes through a log: the backlog first, then each event as it is committed.

Of a long log a person wants the end, at once. So with a tail only the messages are read at first, the last
of them are shown, and the calls, which are nearly all of a log, are counted afterwards.
"""

from contextlib import suppress
from dataclasses import dataclass

from rich.console import Console

from ...agents.call_events import CALL_KINDS
from ...storage.opening import open_reader
from ...storage.place import Place
from ...storage.reader import Reader
from ..console.display import Display, Mode
from ..console.selection import Chooser, Selection
from ..projections.run_status import NOTES

_ENDINGS = {"run.finished", "run.failed"}
_BREATH = 500  # calls counted before new events have their turn again
_EVERYTHING = Selection()


@dataclass(frozen=True)
class _Backlog:
    """What was there: its last seq, the kind that tells how the run stands, how far calls are uncounted."""

    last: int
    kind: str
    uncounted: int


def tail_for(
    mode: Mode, given: int | None, console: Console, selection: Selection = _EVERYTHING
) -> int | None:
    """How many messages of the backlog to show: a screenful at a terminal, and None, all, elsewhere.

    Who says where to begin, or wants to see single calls, gets everything from there on.
    """
    if given is not None or selection.since or selection.calls:
        return given
    return None if mode in ("json", "log") or not console.is_terminal else console.size.height


def show_run(
    path: Place, name: str, display: Display, *, tail: int | None, selection: Selection = _EVERYTHING
) -> None:
    """Feed what the log holds of a run to `display`."""
    with open_reader(path) as reader:
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
    import asyncio  # Here, since it takes long to load and `show_run` does without.

    with open_reader(path) as reader:
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
    said = list(reader.read(run, without=CALL_KINDS))
    wanted = [number for number, event in enumerate(said) if chooser.takes(event)]
    cut = wanted[-tail:][0] if wanted else len(said)
    display.skip(said[:cut])
    shown = set(wanted)
    for number, event in enumerate(said[cut:], cut):
        display.apply(event) if number in shown else display.pass_over(event)
    turns = [event.kind for event in said if event.kind not in NOTES]
    last = said[-1].seq if said else 0
    return _Backlog(last, turns[-1] if turns else "", uncounted=last)


async def _count_calls(reader: Reader, run: str, display: Display, last: int) -> None:
    """Count the calls up to the seq `last`, in pieces: new events are shown meanwhile."""
    import asyncio

    if not last:
        return
    for number, event in enumerate(reader.read(run, kinds=CALL_KINDS)):
        if event.seq > last:
            return
        display.count(event)
        if number % _BREATH == 0:
            await asyncio.sleep(0)
