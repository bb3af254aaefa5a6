"""The command `serve`."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ...storage.place import Place
from .options import PATH, log_option, log_path

if TYPE_CHECKING:
    from ..serve.library import ServedStudy

_STUDY = Path("study.toml")


@click.command
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    metavar="N",
    default=8017,
    show_default=True,
    help="The port on 127.0.0.1; 0 takes any that is free.",
)
@click.option(
    "--study",
    "studies",
    type=PATH,
    multiple=True,
    help=f"The description of a study to show, too; may be repeated.  [default: {_STUDY}, if it is there]",
)
@log_option
def serve(port: int, studies: tuple[Path, ...], log: Place | None) -> None:
    """Show the runs of a log in a browser, live.

    The pages are those of `tp report`, `tp compare`, `tp study report` and `tp experience`, and follow runs
    as they go on. Only programs on this computer can reach the server, and nothing is ever written.
    """
    # Imported here because `--help` must come fast.
    import asyncio

    from ..serve.library import Library
    from ..serve.server import serve as serve_pages

    library = Library(log_path(log), _read(studies))

    def ready(address: str) -> None:
        print(
            f"Serving {library.shown} at {address} (read-only). Ctrl-C ends it.", file=sys.stderr, flush=True
        )

    asyncio.run(serve_pages(library, port, ready))
    print("No longer serving. Runs go on.", file=sys.stderr)


def _read(files: tuple[Path, ...]) -> "list[ServedStudy]":
    from ..serve.library import ServedStudy

    chosen = files or ((_STUDY,) if _STUDY.is_file() else ())
    return [ServedStudy.read(file) for file in chosen]
