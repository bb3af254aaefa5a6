"""The commands that read a log: runs, watch, replay, show, best. None of them writes anything."""

import asyncio
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from .options import DisplayOption, JsonOption, LogOption, RunArgument, log_path

if TYPE_CHECKING:
    from ...storage.event import Event

_LONGEST_PAUSE = 1.0  # seconds between two events of a paced replay


def runs(log: LogOption = None, json: JsonOption = False) -> None:
    """List the runs of a log."""
    from ...storage.places import open_reader
    from ..lineage.endings import without_notes
    from .tables import print_runs

    with open_reader(log_path(log)) as reader:
        print_runs([without_notes(reader, summary) for summary in reader.runs()], as_json=json)


def watch(
    run: RunArgument = "last",
    log: LogOption = None,
    display: DisplayOption = "auto",
    follow: Annotated[bool, typer.Option(help="Wait for what comes next until the run ends.")] = True,
    tail: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Of what was said already, only the last so many messages; by default a screenful at a "
            "terminal, and everything elsewhere.",
        ),
    ] = None,
) -> None:
    """Follow a run from another terminal, live, without disturbing it."""
    from rich.console import Console

    from ..console.display import choose_display
    from .following import tail_for, watch_run

    screen = Console()
    with choose_display(display, screen) as view:
        shown = tail_for(display, tail, screen)
        asyncio.run(watch_run(log_path(log), run, view, tail=shown, follow=follow))


def replay(
    run: RunArgument = "last",
    log: LogOption = None,
    display: DisplayOption = "auto",
    speed: Annotated[
        float,
        typer.Option(min=0, help="1 is the pace of the run itself, 10 ten times that, 0 no pause at all."),
    ] = 0,
    to: Annotated[int | None, typer.Option("--to", help="Stop behind the event with this seq.")] = None,
) -> None:
    """See a run again without any model: every agent acts anew and must say what the log says."""
    from rich.console import Console

    from ..console.display import choose_display
    from ..session import reenact

    with choose_display(display, Console()) as view:
        count = asyncio.run(reenact(log_path(log), run, _paced(view.feed, speed), to=to))
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


def show(
    run: RunArgument = "last",
    seq: Annotated[int | None, typer.Argument(help="Show this one message in full.")] = None,
    log: LogOption = None,
    json: JsonOption = False,
) -> None:
    """The outcome of a run as a table of prompts; with SEQ, one message in full."""
    from ...storage.places import open_reader
    from .outcomes import print_event, print_outcome

    with open_reader(log_path(log)) as reader:
        name = reader.resolve(run)
        if seq is None:
            print_outcome(reader, name, as_json=json)
        else:
            print_event(reader.event(name, seq), as_json=json)


def best(run: RunArgument = "last", log: LogOption = None, json: JsonOption = False) -> None:
    """Print the best prompt of a run, ready to paste."""
    from ...storage.places import open_reader
    from .best import print_best

    with open_reader(log_path(log)) as reader:
        name = reader.resolve(run)
        print_best(name, reader, as_json=json)
