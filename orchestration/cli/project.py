"""The command that keeps the log as tables: project."""

import click

from ...storage.place import Place
from .options import json_option, last_run_argument, log_option, log_path


@click.command
@last_run_argument
@log_option
@json_option
@click.option("--rebuild", is_flag=True, help="Drop the run's rows, begin at zero.")
def project(run: str, log: Place | None, json: bool, rebuild: bool) -> None:
    """Bring the tables beside the log (runs, candidates, scores, calls, costs) up to date, for SQL."""
    from ...storage.opening import open_reader
    from ..projections.tables.catch_up import catch_up, open_views
    from .documents import print_document
    from .tables import print_table

    with open_reader(log_path(log)) as reader:
        name = reader.resolve(run)
        views = open_views(reader.place)
        try:
            count = catch_up(views, reader, name, rebuild=rebuild)
            if json:
                print_document("tables", {"tables": views.dump(name)})
                return
            rows = views.counts(name)
        finally:
            views.close()
    print_table(["table", "rows"], list(rows.items()))
    print(f"{count} new events of {name} are now in {views.path}")
