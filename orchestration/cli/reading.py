"""The commands that read a log: runs, show, best. None of them writes anything."""

import sys
from typing import TYPE_CHECKING

import click

from ...storage.place import Place
from .options import json_option, last_run_argument, log_option, log_path

if TYPE_CHECKING:
    from ...storage.event import Event
    from ...storage.reader import Reader


@click.command
@log_option
@json_option
def runs(log: Place | None, json: bool) -> None:
    """List the runs of a log."""
    from ...storage.opening import open_reader
    from ..projections.listed_runs import listed_runs
    from .tables import print_runs

    with open_reader(log_path(log)) as reader:
        print_runs(listed_runs(reader), as_json=json)


@click.command
@last_run_argument
@click.argument("what", required=False, help="Show this one message (its seq) or prompt (its id) in full.")
@log_option
@json_option
@click.option("--tree", is_flag=True, help="Who comes from whom, and what each prompt changes in its parent.")
def show(run: str, what: str | None, log: Place | None, json: bool, tree: bool) -> None:
    """The outcome of a run as a table of prompts; with WHAT, one message or one prompt in full."""
    from ...storage.opening import open_reader

    with open_reader(log_path(log)) as reader:
        name = reader.resolve(run)
        if tree:
            _show_tree(reader, name, as_json=json)
        elif what is None:
            _show_outcome(reader, name, as_json=json)
        elif what.isdecimal():
            from .outcomes import print_event

            print_event(_event_or_record(reader, name, int(what)), as_json=json)
        else:
            from .outcomes import print_prompt

            print_prompt(reader, name, what, as_json=json)


def _show_tree(reader: "Reader", run: str, *, as_json: bool) -> None:
    from ..projections.history import read_history
    from .family import print_family

    print_family(read_history(reader, run), as_json=as_json)


def _show_outcome(reader: "Reader", run: str, *, as_json: bool) -> None:
    from ..projections.summary import summarised

    # Before the next import: that takes long, and so does what the database does for the outline.
    view = summarised(reader, run)

    from .outcomes import print_outcome

    print_outcome(view, as_json=as_json)


def _event_or_record(reader: "Reader", run: str, seq: int) -> "Event":
    """The event at `seq`; where its payload was redacted, the record of that, which says what and why."""
    from ...agents.messages import EventRedacted
    from ...agents.messages.codec import decode
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
@click.option("--by", metavar="MEASURE", help="Of the Pareto front, the prompt that leads in this measure.")
def best(run: str, log: Place | None, json: bool, by: str | None) -> None:
    """Print the best prompt of a run, ready to paste."""
    from ...storage.opening import open_reader
    from .best import print_best, print_best_by

    with open_reader(log_path(log)) as reader:
        name = reader.resolve(run)
        if by is None:
            print_best(name, reader, as_json=json)
        else:
            print_best_by(name, reader, by, as_json=json)
