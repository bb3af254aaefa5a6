"""The command `report`."""

from pathlib import Path

import click

from ...storage.file_names import slug
from ...storage.place import Place
from ..projections.history import read_history
from ..projections.target_view import for_target
from ..report.contents import contents_of
from ..report.page import page
from .log_reading import open_log
from .options import PATH, json_option, last_run_argument, log_option, log_path, target_option
from .output import print_document, write_page


@click.command
@last_run_argument
@click.option("-o", "--output", type=PATH, help="The file to write or replace.  [default: RUN.html]")
@target_option
@log_option
@json_option
def report(run: str, output: Path | None, target: str | None, log: Place | None, json: bool) -> None:
    """Write a run as one HTML page that opens offline.

    The page shows the verdict, learning curves, examples, the family tree of the prompts, and costs.
    """
    with open_log(log_path(log, run)) as reader:
        name = reader.resolve(run)
        view = for_target(reader, name, target)
        contents = contents_of(read_history(view, name), view)
    if json:
        print_document("report", contents)
    else:
        write_page(output or Path(f"{slug(f'{name}-{target}' if target else name)}.html"), page(contents))
