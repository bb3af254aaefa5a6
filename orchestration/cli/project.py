"""The command that keeps the log as tables: project."""

from typing import Annotated

import typer

from .options import JsonOption, LogOption, RunArgument, log_path


def project(
    run: RunArgument = "last",
    log: LogOption = None,
    json: JsonOption = False,
    rebuild: Annotated[bool, typer.Option("--rebuild", help="Drop the run's rows, begin at zero.")] = False,
) -> None:
    """Bring the tables beside the log (runs, candidates, scores, calls, costs) up to date, for SQL."""
    from ...storage.reader import LogReader
    from ..projections.catching_up import catch_up, open_views
    from .tables import print_json, print_table

    with LogReader(log_path(log)) as reader:
        name = reader.resolve(run)
        views = open_views(reader.path)
        try:
            count = catch_up(views, reader, name, rebuild=rebuild)
            if json:
                print_json(views.dump(name))
                return
            rows = views.counts(name)
        finally:
            views.close()
    print_table(["table", "rows"], list(rows.items()))
    print(f"{count} new events of {name} are now in {views.path}")
