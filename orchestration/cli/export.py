"""The command `export`."""

from pathlib import Path

import click

from ...storage.export_file import export as write_file
from ...storage.opening import open_reader
from ...storage.place import Place
from .options import PATH, log_option, log_path, run_argument


@click.command
@run_argument
@click.option("-o", "--output", type=PATH, required=True, help="The file to write. It must not exist yet.")
@log_option
def export(run: str, output: Path, log: Place | None) -> None:
    """Write a run to a file that `tp import` can read. The format is JSON Lines."""
    with open_reader(log_path(log, run)) as reader:
        name = reader.resolve(run)
        count = write_file(reader, name, output)
    print(f"Wrote {count:,} events of {name} to {output}.")
