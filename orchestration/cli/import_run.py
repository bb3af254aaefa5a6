"""The command `import`."""

import asyncio
from pathlib import Path

import click

from ...storage.place import Place
from ..lineage.import_run import bring_in
from .options import PATH, log_option, log_path


@click.command("import")
@click.argument("file", type=PATH, help="A file that `tp export` wrote.")
@log_option
def import_run(file: Path, log: Place | None) -> None:
    """Add an exported run to a log. A file that was changed since its export is refused."""
    name, count = asyncio.run(bring_in(file, log_path(log)))
    print(f"Imported {count:,} events of {name}." if count else f"Run {name} is in the log already.")
