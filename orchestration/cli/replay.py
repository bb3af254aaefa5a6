"""The command `replay`."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ...storage.place import DEMO, Place
from ..console.display import Mode, can_move
from ..console.selection import Selection
from ..errors import OrchestrationError
from .consent_options import consent_of, consent_options, require_approval
from .options import last_run_argument, log_option, log_path, reading_display_option
from .replay_stream import all_agree, replay_in_lines, with_hint
from .screen import open_screen
from .selection_options import selection_of, selection_options

if TYPE_CHECKING:
    from ..trust.consent import Consent

_DEMO_SPEED = 50.0
"""Speed at which the recorded demo plays, which takes a few seconds."""


@click.command
@last_run_argument
@log_option
@reading_display_option
@click.option("--plain", is_flag=True, help="The same as --display plain.")
@click.option(
    "--speed",
    type=click.FloatRange(min=0),
    show_default="0",
    help="1 is the pace of the run itself, 10 is ten times as fast, 0 is without pauses. On a screen the "
    "recorded demo plays by itself.",
)
@click.option("--to", type=int, metavar="SEQ", help="Stop after the event with this number.")
@click.option(
    "--verify/--no-verify",
    default=True,
    show_default=True,
    help="Let every agent act again and compare its messages with the log. With --no-verify the log is only "
    "shown, which also works for logs of older versions.",
)
@consent_options
@selection_options
def replay(
    run: str,
    log: Place | None,
    display: Mode,
    plain: bool,
    speed: float | None,
    to: int | None,
    verify: bool,
    trust: bool,
    own: Path | None,
    **selected: Any,
) -> None:
    """Play a run again without calling a model.

    The agents act again on the replies in the log, and each of their messages must be the same as the one in
    the log. In a terminal this opens a screen in which you can move through the run; ? lists its keys.
    """
    screen, selection, place = open_screen(), selection_of(**selected), log_path(log, run)
    consent = consent_of(trust, own) if verify else None
    if consent is not None:
        require_approval(place, run, consent, calls=False)
    mode: Mode = "plain" if plain else display
    if mode == "full" or (mode == "auto" and can_move(screen) and sys.stdin.isatty()):
        pace = speed if speed is not None else _DEMO_SPEED if place == DEMO else 0
        message = _replay_on_screen(place, run, selection, speed=pace, to=to, consent=consent)
    else:
        pace = speed or 0
        message = replay_in_lines(place, run, mode, screen, selection, speed=pace, to=to, consent=consent)
    if message:
        print(message, file=sys.stderr)


def _replay_on_screen(
    place: Place,
    run: str,
    selection: Selection,
    *,
    speed: float,
    to: int | None,
    consent: "Consent | None",
) -> str:
    # Imported here because a replay in lines does without the full screen.
    from ..replay_ui.launch import show

    checking = show(place, run, selection, speed=speed, to=to, consent=consent)
    if checking is None:
        return ""
    if checking.difference is not None:
        raise OrchestrationError(with_hint(checking.difference, run))
    return all_agree(checking.agreed, to) if checking.over else ""
