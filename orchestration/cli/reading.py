"""The commands that read a log: runs, watch, replay, show, best. None of them writes anything."""

import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from ...storage.places import Place
from .options import display_option, json_option, last_run_argument, log_option, log_path
from .waiting import wait_for

if TYPE_CHECKING:
    from ...storage.event import Event
    from ...storage.queries import Reader
    from ..console.display import Mode

_LONGEST_PAUSE = 1.0  # seconds between two events of a paced replay


@click.command
@log_option
@json_option
def runs(log: Place | None, json: bool) -> None:
    """List the runs of a log."""
    from ...storage.places import open_reader
    from ..lineage.endings import without_notes
    from .tables import print_runs

    with open_reader(log_path(log)) as reader:
        print_runs([without_notes(reader, summary) for summary in reader.runs()], as_json=json)


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
def watch(run: str, log: Place | None, display: "Mode", follow: bool, tail: int | None) -> None:
    """Follow a run from another terminal, live, without disturbing it."""
    from rich.console import Console

    from ..console.display import choose_display
    from .following import tail_for, watch_run

    screen = Console()
    with choose_display(display, screen) as view:
        shown = tail_for(display, tail, screen)
        wait_for(watch_run(log_path(log), run, view, tail=shown, follow=follow))


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
def replay(run: str, log: Place | None, display: "Mode", speed: float, to: int | None) -> None:
    """See a run again without any model: every agent acts anew and must say what the log says."""
    from rich.console import Console

    from ..console.display import choose_display
    from ..session import reenact

    with choose_display(display, Console()) as view:
        count = wait_for(reenact(log_path(log), run, _paced(view.feed, speed), to=to))
    end = "" if to is None else f", up to seq {to}"
    Console(stderr=True).print(
        f"Replayed {count:,} events{end}: every message is, byte for byte, what the agents say today. "
        "No call was made.",
        highlight=False,
        soft_wrap=True,
    )


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


@click.command
@last_run_argument
@click.argument("seq", type=int, required=False, help="Show this one message in full.")
@log_option
@json_option
def show(run: str, seq: int | None, log: Place | None, json: bool) -> None:
    """The outcome of a run as a table of prompts; with SEQ, one message in full."""
    from ...storage.places import open_reader
    from .outcomes import print_event, print_outcome

    with open_reader(log_path(log)) as reader:
        name = reader.resolve(run)
        if seq is None:
            print_outcome(reader, name, as_json=json)
        else:
            print_event(_event_or_record(reader, name, seq), as_json=json)


def _event_or_record(reader: "Reader", run: str, seq: int) -> "Event":
    """The event at `seq`; where its payload was redacted, the record of that, which says what and why."""
    from ...agents.codec import decode
    from ...agents.messages import EventRedacted
    from ...storage.redaction import RECORD, PayloadRedacted, is_redacted

    event = reader.event(run, seq)
    if not is_redacted(event):
        return event
    for record in reader.read(run, after=seq, kinds=(RECORD,)):
        message = decode(record)
        if isinstance(message, EventRedacted) and message.event == event.id:
            talk = f"Seq {seq} ({event.kind} from {event.sender}) was redacted. This is the record of it:"
            print(talk, file=sys.stderr)
            return record
    raise PayloadRedacted(event)


@click.command
@last_run_argument
@log_option
@json_option
def best(run: str, log: Place | None, json: bool) -> None:
    """Print the best prompt of a run, ready to paste."""
    from ...storage.places import open_reader
    from .best import print_best

    with open_reader(log_path(log)) as reader:
        name = reader.resolve(run)
        print_best(name, reader, as_json=json)
