"""The command `show`."""

import click

from ...storage.place import Place
from ...storage.reader import Reader
from ..projections.target_view import for_target
from .log_reading import open_log
from .options import json_option, last_run_argument, log_option, log_path, target_option


@click.command
@last_run_argument
@click.argument("item", required=False, help="The number (seq) of an event, or the id of a prompt.")
@target_option
@log_option
@json_option
@click.option(
    "--tree", is_flag=True, help="Show the prompts as a family tree, each with its changes to its parent."
)
def show(run: str, item: str | None, target: str | None, log: Place | None, json: bool, tree: bool) -> None:
    """Show the result of a run, one prompt, or one event.

    The result is a table of prompts with their scores, and the verdict.
    """
    # Each view is imported when it is chosen: `show` must start fast, and no view needs what the others need.
    with open_log(log_path(log, run)) as whole:
        name = whole.resolve(run)
        reader = whole if target is None else for_target(whole, name, target)
        if tree:
            from .show_tree import print_tree

            print_tree(reader, name, as_json=json)
        elif item is None:
            _show_outcome(reader, name, target, as_json=json)
        elif item.isdecimal():
            from .show_event import print_event

            print_event(reader, name, int(item), as_json=json)
        else:
            from .show_prompt import print_prompt

            print_prompt(reader, name, item, as_json=json)


def _show_outcome(reader: Reader, run: str, target: str | None, *, as_json: bool) -> None:
    from ..projections.summary import folded, summarised

    # The outline imports pydantic while the database adds up the replies, so it comes before the next import.
    # The sums of the database are those of the whole run.
    state = summarised(reader, run) if target is None else folded(reader, run)

    from .show_outcome import print_outcome

    print_outcome(state, as_json=as_json)
    if not as_json and next(reader.read(run, kinds=("prompts.carried",)), None) is not None:
        from ..projections.migration_table import migration_table
        from .migration_text import print_migration

        if table := migration_table(reader, run):
            print_migration(table)
