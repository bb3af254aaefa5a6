"""The command `redact`."""

import asyncio

import click

from ...storage.place import Place
from ..lineage.redact import redact as blank
from .options import log_option, run_argument, writable_log


@click.command
@run_argument
@click.argument("seq", type=int, help="The number of the event whose content is to be erased.")
@click.option("--reason", required=True, help="The reason. It is kept in the log.")
@log_option
def redact(run: str, seq: int, reason: str, log: Place | None) -> None:
    """Erase the content of one event for good.

    The event itself and its hash stay in the log, so `tp verify` still succeeds.
    """
    done = asyncio.run(blank(writable_log(log, run), run, seq, reason))
    print(f"Erased the {done.size:,} bytes of seq {done.seq} of {done.run}. The chain of hashes still holds.")
