"""The commands that show the conversation of a run: watch, replay. Neither writes anything to the log."""

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ...storage.place import Place
from .options import PATH, last_run_argument, log_option, log_path, reading_display_option
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
@reading_display_option
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
@click.option("--svg", type=PATH, help="Write what the live view shows as a picture, and nothing else.")
def watch(
    run: str,
    log: Place | None,
    display: "Mode",
    follow: bool,
    tail: int | None,
    svg: Path | None,
    **wanted: Any,
) -> None:
    """Follow a run from another terminal, live, without disturbing it."""
    selection = selection_of(**wanted)
    if tail and selection.calls:
        raise click.UsageError("--tail counts messages, not calls. Say with --from where to begin.")
    place = log_path(log)
    if svg is not None:
        from .picturing import draw

        draw(place, run, svg, tail=tail, selection=selection)
        return
    try:
        if display == "full":
            from ..replay_ui.launch import show

            show(place, run, selection, verify=False, follow=follow)
        else:
            _watch(place, run, display, selection, follow=follow, tail=tail)
    except KeyboardInterrupt:
        print("No longer watching. The run does not mind.", file=sys.stderr)
        raise SystemExit(130) from None


def _watch(
    place: Place, run: str, display: "Mode", selection: "Selection", *, follow: bool, tail: int | None
) -> None:
    from ..console.display import choose_display
    from .following import show_run, tail_for, watch_run

    screen = _screen()
    shown = tail_for(display, tail, screen, selection)
    with choose_display(display, screen, gap=_GAP, calls=selection.calls, note=selection.words) as view:
        if follow:
            wait_for(watch_run(place, run, view, tail=shown, selection=selection))
        else:
            show_run(place, run, view, tail=shown, selection=selection)


@click.command
@last_run_argument
@log_option
@reading_display_option
@click.option("--plain", is_flag=True, help="Plain lines, as in a pipe.")
@click.option(
    "--speed",
    type=click.FloatRange(min=0),
    default=0,
    show_default=True,
    help="1 is the pace of the run itself, 10 ten times that, 0 no pause at all.",
)
@click.option("--to", type=int, help="Stop behind the event with this seq.")
@click.option(
    "--verify/--no-verify",
    default=True,
    show_default=True,
    help="Have every agent act anew and compare; without, the log is shown as it stands, also one that "
    "an older version has written.",
)
@selecting
def replay(
    run: str,
    log: Place | None,
    display: "Mode",
    plain: bool,
    speed: float,
    to: int | None,
    verify: bool,
    **wanted: Any,
) -> None:
    """See a run again without any model: every agent acts anew and must say what the log says.

    At a terminal it opens a screen to move about in; ? lists its keys.
    """
    from ..console.display import can_move

    screen, selection, place = _screen(), selection_of(**wanted), log_path(log)
    display = "plain" if plain else display
    if display == "full" or (display == "auto" and can_move(screen) and sys.stdin.isatty()):
        _replay_on_screen(place, run, selection, speed=speed, to=to, verify=verify)
    else:
        _stream(place, run, display, screen, selection, speed=speed, to=to, verify=verify)


def _replay_on_screen(
    place: Place, run: str, selection: "Selection", *, speed: float, to: int | None, verify: bool
) -> None:
    from ..errors import OrchestrationError
    from ..replay_ui.launch import show

    checking = show(place, run, selection, speed=speed, to=to, verify=verify)
    if checking is not None and checking.difference is not None:
        raise OrchestrationError(_with_hint(checking.difference, run))
    if checking is not None and checking.over:
        _talk(_all_agree(checking.agreed, to))


def _stream(
    place: Place,
    run: str,
    display: "Mode",
    screen: "Console",
    selection: "Selection",
    *,
    speed: float,
    to: int | None,
    verify: bool,
) -> None:
    from ..console.display import choose_display
    from ..errors import OrchestrationError, ReplayDivergence

    with choose_display(display, screen, calls=selection.calls, note=selection.words) as view:
        feed = _paced(_chosen(view, selection), speed)
        if not verify:
            _talk(
                f"Showed {_show_log(place, run, feed, to):,} events as the log has them; none was re-enacted."
            )
            return
        from ..runtime.lifecycle import reenact

        try:
            count = wait_for(reenact(place, run, feed, to=to))
        except ReplayDivergence as error:
            raise OrchestrationError(_with_hint(str(error), run)) from error
    _talk(_all_agree(count, to))


def _show_log(place: Place, run: str, feed: "Callable[[Event], None]", to: int | None) -> int:
    """Feed the events as they stand; returns how many."""
    from ...storage.opening import open_reader

    count = 0
    with open_reader(place) as reader:
        for event in reader.read(reader.resolve(run)):
            if to is not None and event.seq > to:
                break
            feed(event)
            count += 1
    return count


def _with_hint(error: str, run: str) -> str:
    return f"{error} To look at the log all the same: tp replay {run} --no-verify"


def _all_agree(count: int, to: int | None) -> str:
    end = "" if to is None else f", up to seq {to}"
    return (
        f"Replayed {count:,} events{end}: every message is, byte for byte, what the agents say today. "
        "No call was made."
    )


def _talk(text: str) -> None:
    print(text, file=sys.stderr)


def _screen() -> "Console":
    """Standard output. What its encoding cannot show becomes a question mark, not an error."""
    from rich.console import Console

    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="replace")
    return Console()


def _chosen(view: "Display", selection: "Selection") -> "Callable[[Event], None]":
    from ..console.selection import Chooser

    chooser = Chooser(selection)

    def apply(event: "Event") -> None:
        view.apply(event) if chooser.takes(event) else view.pass_over(event)

    return apply


def _paced(feed: "Callable[[Event], None]", speed: float) -> "Callable[[Event], None]":
    if not speed:
        return feed
    before: list[int] = []

    def paced(event: "Event") -> None:
        if before:
            time.sleep(min(max(event.at - before.pop(), 0) / 1e6 / speed, _LONGEST_PAUSE))
        before.append(event.at)
        feed(event)

    return paced
