"""The commands about where runs come from and whether they still hold: verify, fork, diff and others."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from .options import DisplayOption, JsonOption, LogOption, RunArgument, log_path


def verify(
    run: Annotated[str | None, typer.Argument(help="A run; without it, all runs of the log.")] = None,
    log: LogOption = None,
    replay: Annotated[bool, typer.Option("--replay", help="Also run every handler again.")] = False,
) -> None:
    """Check that a log still holds what was written: hashes, gaps, its end. Exit status 2 for damage."""
    from ..lineage.verifying import verify as check

    async def go() -> bool:
        sound = True
        async for finding in check(log_path(log), run, replay=replay):
            print(finding.line)
            sound = sound and finding.fault is None
        return sound

    if not asyncio.run(go()):
        raise SystemExit(2)


def export(
    run: RunArgument,
    output: Annotated[Path, typer.Option("-o", "--output", help="The file to write; it must not exist.")],
    log: LogOption = None,
) -> None:
    """Write a run into one file (JSON Lines) that `tp import` takes elsewhere."""
    from ...storage.places import open_reader
    from ...storage.portable import export as write

    with open_reader(log_path(log)) as reader:
        name = reader.resolve(run)
        count = write(reader, name, output)
    print(f"Wrote {count:,} events of {name} to {output}.")


def import_(
    file: Annotated[Path, typer.Argument(help="What `tp export` wrote.")], log: LogOption = None
) -> None:
    """Take an exported run into a log; a file that was changed is refused."""
    from ..lineage.transport import bring_in

    name, count = asyncio.run(bring_in(file, log_path(log)))
    print(f"Imported {count:,} events of {name}." if count else f"Run {name} is in the log already.")


def fork(
    run: RunArgument,
    at: Annotated[int, typer.Option("--at", help="The seq of the last event that both runs share.")],
    settings: Annotated[
        list[str] | None, typer.Option("--set", help="A setting to change, as key=value; more than once.")
    ] = None,
    log: LogOption = None,
    display: DisplayOption = "auto",
) -> None:
    """Start a run that shares the beginning of another, calls included, and goes on from there."""
    from ..lineage.forking import fork as make
    from ..lineage.overrides import parse
    from ..session import resume
    from .running import watched

    place = log_path(log)
    new = asyncio.run(make(place, run, at, parse(settings or [])))
    watched(display, lambda watch: resume(place, new, watch), place)


def diff(
    first: Annotated[str, typer.Argument(help="A run.")],
    second: Annotated[str, typer.Argument(help="Another run of the same log.")],
    log: LogOption = None,
    json: JsonOption = False,
) -> None:
    """Where two runs part, with their prompts, scores, calls and tokens side by side."""
    from ...storage.places import open_reader
    from ..lineage.comparing import compare
    from .comparing import print_comparison

    with open_reader(log_path(log)) as reader:
        found = compare(reader, reader.resolve(first), reader.resolve(second))
    print_comparison(found, as_json=json)


def redact(
    run: RunArgument,
    seq: Annotated[int, typer.Argument(help="The event whose payload is to go.")],
    reason: Annotated[str, typer.Option("--reason", help="Why; it stays in the log.")],
    log: LogOption = None,
) -> None:
    """Blank the payload of one event for good; its row and its hash stay, and verify still holds."""
    from ..lineage.redacting import redact as blank

    done = asyncio.run(blank(log_path(log), run, seq, reason))
    print(
        f"Blanked the {done.size:,} bytes of seq {done.seq} of {done.run}. The chain of hashes still holds."
    )
