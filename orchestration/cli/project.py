"""The command `project`."""

from dataclasses import dataclass
from typing import Any

import click

from ...storage.opening import open_reader
from ...storage.place import Place
from ..projections.tables.catch_up import catch_up, open_views
from .options import json_option, last_run_argument, log_option, writable_log
from .output import print_document, print_table


@dataclass(frozen=True, slots=True)
class TablesDocument:
    """The rows about a run, table by table, with the columns as keys."""

    tables: dict[str, list[dict[str, Any]]]


@click.command
@last_run_argument
@log_option
@json_option
@click.option("--rebuild", is_flag=True, help="Delete the rows of the run first and write them again.")
def project(run: str, log: Place | None, json: bool, rebuild: bool) -> None:
    """Write a run into SQL tables next to the log.

    The tables hold runs, candidates, scores, calls and costs. A later call adds only what is new in the log.
    """
    with open_reader(writable_log(log, run)) as reader:
        name = reader.resolve(run)
        views = open_views(reader.place)
        try:
            count = catch_up(views, reader, name, rebuild=rebuild)
            if json:
                print_document("tables", TablesDocument(views.dump(name)))
                return
            rows = views.counts(name)
        finally:
            views.close()
    print_table(["table", "rows"], list(rows.items()))
    print(f"{count} new events of {name} are now in {views.path}")
