"""The command `watch`."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ...storage.place import Place
from .options import PATH, last_run_argument, log_option, log_path, reading_display_option
from .selection_options import selection_of, selection_options

if TYPE_CHECKING:
    from ..console.display import Mode


@click.command
@last_run_argument
@log_option
@reading_display_option
@click.option(
    "--follow/--no-follow",
    default=True,
    show_default=True,
    help="Wait for further events until the run ends.",
)
@click.option(
    "--tail",
    type=click.IntRange(min=1),
    help="Show only this many of the earlier messages, then the new ones. By default a screenful in a "
    "terminal, and all messages elsewhere.",
)
@selection_options
@click.option("--svg", type=PATH, help="Write the live view as a picture to this file, and nothing else.")
def watch(
    run: str,
    log: Place | None,
    display: "Mode",
    follow: bool,
    tail: int | None,
    svg: Path | None,
    **selected: Any,
) -> None:
    """Follow a run live from another terminal. The run is not disturbed."""
    selection, place = selection_of(**selected), log_path(log, run)
    if tail and selection.calls:
        raise click.UsageError("--tail counts messages, not calls. Use --from to say where to start.")
    # Each view is imported when it is chosen, so that `tp watch --help` and the first screen come fast.
    try:
        if svg is not None:
            from .watch_svg import draw

            draw(place, run, svg, tail=tail, selection=selection)
        elif display == "full":
            from ..replay_ui.launch import show

            show(place, run, selection, follow=follow)
        else:
            from .watch_log import watch_in_display

            watch_in_display(place, run, display, selection, follow=follow, tail=tail)
    except KeyboardInterrupt:
        print("No longer watching. The run goes on.", file=sys.stderr)
        raise SystemExit(130) from None
