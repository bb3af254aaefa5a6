"""Replaying a run in lines, or in the live view."""

import asyncio
import time
from collections.abc import Callable

from rich.console import Console

from ...storage.event import Event
from ...storage.hints import command
from ...storage.opening import open_reader
from ...storage.place import Place
from ..console.display import Display, Mode, choose_display
from ..console.selection import Chooser, Selection
from ..errors import OrchestrationError, ReplayDivergence
from ..runtime.lifecycle import reenact
from ..trust.consent import Consent

_LONGEST_PAUSE = 1.0
"""Longest pause between two events of a paced replay, in seconds."""
Feed = Callable[[Event], None]


def replay_in_lines(
    place: Place,
    run: str,
    mode: Mode,
    screen: Console,
    selection: Selection,
    *,
    speed: float,
    to: int | None,
    consent: Consent | None,
) -> str:
    """Show a run and return a sentence on what was checked. Without `consent` nothing is re-enacted.

    Raise `OrchestrationError` if the agents no longer say what the log says.
    """
    with choose_display(
        mode, screen, calls=selection.calls, fold=selection.folds, note=selection.words
    ) as display:
        feed = _paced(_chosen(display, selection), speed)
        if consent is None:
            count = _show_log(place, run, feed, to)
            return f"Showed {count:,} events as the log has them; none was re-enacted."
        try:
            return all_agree(asyncio.run(reenact(place, run, feed, to=to, consent=consent)), to)
        except ReplayDivergence as error:
            raise OrchestrationError(with_hint(str(error), run)) from error


def with_hint(error: str, run: str) -> str:
    """Return the error with the command that shows the log nevertheless."""
    return f"{error} To look at the log nevertheless: {command('replay', run, options=['--no-verify'])}"


def all_agree(count: int, to: int | None) -> str:
    """Return the sentence for a replay without a difference."""
    end = "" if to is None else f", up to seq {to}"
    return (
        f"Replayed {count:,} events{end}: every message is, byte for byte, what the agents say today. "
        "No call was made."
    )


def _show_log(place: Place, run: str, feed: Feed, to: int | None) -> int:
    """Feed the events as they are in the log, and return their number."""
    count = 0
    with open_reader(place) as reader:
        for event in reader.read(reader.resolve(run)):
            if to is not None and event.seq > to:
                break
            feed(event)
            count += 1
    return count


def _chosen(display: Display, selection: Selection) -> Feed:
    chooser = Chooser(selection)

    def apply(event: Event) -> None:
        display.apply(event) if chooser.takes(event) else display.pass_over(event)

    return apply


def _paced(feed: Feed, speed: float) -> Feed:
    """Return `feed` with pauses as long as those of the run, divided by `speed`."""
    if not speed:
        return feed
    before: int | None = None

    def paced(event: Event) -> None:
        nonlocal before
        if before is not None:
            time.sleep(min(max(event.at - before, 0) / 1e6 / speed, _LONGEST_PAUSE))
        before = event.at
        feed(event)

    return paced
