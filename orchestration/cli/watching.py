"""The commands that show the conversation of a run: watch, replay. Neither writes anything to the log."""

import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from ...storage.places import Place
from .options import display_option, last_run_argument, log_option, log_path
from .selecting import selecting, selection_of
from .waiting import wait_for

if TYPE_CHECKING:
    from rich.console import Console

    from ...storage.event import Event
    from ..console.display import Display, Mode
    from ..console.selection import Selection

_LONGEST_PAUSE = 1.0  # seconds between two events of a paced replay
_GAP = 0.02  # seconds between two frames of a watched run, which works in another process


@click.command
@last_run_argument
@log_option
@display_option
@click.option(
    "--follow/--no-follow",
    default=True,
    show_default=True,
    help="Wait for what comes next until the run ends.",
)
@click.option(
    "--tail",
    type=click.IntRange(min=1),
    help="Of what was said already, only the last so many messages; by default a screenful at a terminal, "
    "and everything elsewhere.",
)
@selecting
def watch(
    run: str, log: Place | None, display: "Mode", follow: bool, tail: int | None, **wanted: Any
) -> None:
    """Follow a run from another terminal, live, without disturbing it."""
    from ..console.display import choose_display
    from .following import show_run, tail_for, watch_run

    screen, selection = _screen(), selection_of(**wanted)
    if tail and selection.calls:
        raise click.UsageError("--tail counts messages, not calls. Say with --from where to begin.")
    shown = tail_for(display, tail, screen, selection)
    place = log_path(log)
    try:
        with choose_display(display, screen, gap=_GAP, calls=selection.calls, note=selection.words) as view:
            if follow:
                wait_for(watch_run(place, run, view, tail=shown, selection=selection))
            else:
                show_run(place, run, view, tail=shown, selection=selection)
    except KeyboardInterrupt:
        print("No longer watching. The run goes on without you.", file=sys.stderr)
        raise SystemExit(130) from None


@click.command
@last_run_argument
@log_option
@display_option
@click.option(
    "--speed",
    type=click.FloatRange(min=0),
    default=0,
    show_default=True,
    help="1 is the pace of the run itself, 10 ten times that, 0 no pause at all.",
)
@click.option("--to", type=int, help="Stop behind the event with this seq.")
@selecting
def replay(run: str, log: Place | None, display: "Mode", speed: float, to: int | None, **wanted: Any) -> None:
    """See a run again without any model: every agent acts anew and must say what the log says."""
    from rich.console import Console

    from ..console.display import choose_display
    from ..session import reenact

    selection = selection_of(**wanted)
    with choose_display(display, _screen(), calls=selection.calls, note=selection.words) as view:
        count = wait_for(reenact(log_path(log), run, _paced(_chosen(view, selection), speed), to=to))
    end = "" if to is None else f", up to seq {to}"
    Console(stderr=True).print(
        f"Replayed {count:,} events{end}: every message is, byte for byte, what the agents say today. "
        "No call was made.",
        highlight=False,
        soft_wrap=True,
    )


def _screen() -> "Console":
    """Standard output. What its encoding cannot show becomes a question mark, not an error."""
    from rich.console import Console

    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="replace")
    return Console()


def _chosen(view: "Display", selection: "Selection") -> "Callable[[Event], None]":
    from ..console.selection import Chooser

    chooser = Chooser(selection)

    def feed(event: "Event") -> None:
        view.feed(event) if chooser.takes(event) else view.pass_over(event)

    return feed


def _paced(feed: "Callable[[Event], None]", speed: float) -> "Callable[[Event], None]":
    if not speed:
        return feed
    before: list[int] = []

    def paced(event: "Event") -> None:
        if before:
            time.sleep(min((event.at - before.pop()) / 1e6 / speed, _LONGEST_PAUSE))
        before.append(event.at)
        feed(event)

    return paced
