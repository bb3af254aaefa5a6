"""The commands about where runs come from and whether they still hold: verify, fork, diff and others."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ...storage.place import Place
from .options import PATH, display_option, json_option, log_option, log_path, run_argument
from .waiting import wait_for

if TYPE_CHECKING:
    from ..console.display import Mode


@click.command
@click.argument("run", required=False, help="A run; without it, all runs of the log.")
@log_option
@json_option
@click.option("--replay", is_flag=True, help="Also run every handler again.")
def verify(run: str | None, log: Place | None, json: bool, replay: bool) -> None:
    """Check that a log still holds what was written: hashes, gaps, its end. Exit status 2 for damage."""
    from ..lineage.verify import verify as check
    from .documents import print_document

    async def go() -> bool:
        found = []
        async for finding in check(log_path(log), run, replay=replay):
            found.append(finding)
            if not json:
                print(finding.line)
        if json:
            print_document("verify", {"findings": found})
        return all(finding.fault is None for finding in found)

    if not wait_for(go()):
        raise SystemExit(2)


@click.command
@run_argument
@click.option("-o", "--output", type=PATH, required=True, help="The file to write; it must not exist.")
@log_option
def export(run: str, output: Path, log: Place | None) -> None:
    """Write a run into one file (JSON Lines) that `tp import` takes elsewhere."""
    from ...storage.export_file import export as write
    from ...storage.opening import open_reader

    with open_reader(log_path(log)) as reader:
        name = reader.resolve(run)
        count = write(reader, name, output)
    print(f"Wrote {count:,} events of {name} to {output}.")


@click.command("import")
@click.argument("file", type=PATH, help="What `tp export` wrote.")
@log_option
def import_(file: Path, log: Place | None) -> None:
    """Take an exported run into a log; a file that was changed is refused."""
    from ..lineage.import_run import bring_in

    name, count = wait_for(bring_in(file, log_path(log)))
    print(f"Imported {count:,} events of {name}." if count else f"Run {name} is in the log already.")


@click.command
@run_argument
@click.option("--at", type=int, required=True, help="The seq of the last event that both runs share.")
@click.option("--set", "settings", multiple=True, help="A setting to change, as key=value; more than once.")
@log_option
@display_option
def fork(run: str, at: int, settings: tuple[str, ...], log: Place | None, display: "Mode") -> None:
    """Start a run that shares the beginning of another, calls included, and goes on from there."""
    from ..config.overrides import parse
    from ..lineage.fork import fork as make
    from ..runtime.lifecycle import resume
    from .running import watched

    place = log_path(log)
    new = wait_for(make(place, run, at, parse(settings)))
    watched(display, lambda watch, say: resume(place, new, watch, say=say), place)


@click.command
@click.argument("first", help="A run.")
@click.argument("second", help="Another run of the same log.")
@log_option
@json_option
def diff(first: str, second: str, log: Place | None, json: bool) -> None:
    """Where two runs part, with their prompts, scores, calls and tokens side by side."""
    from ...storage.opening import open_reader
    from ..projections.run_diff import compare
    from .comparing import print_comparison

    with open_reader(log_path(log)) as reader:
        found = compare(reader, reader.resolve(first), reader.resolve(second))
    print_comparison(found, as_json=json)


@click.command
@run_argument
@click.argument("seq", type=int, help="The event whose payload is to go.")
@click.option("--reason", required=True, help="Why; it stays in the log.")
@log_option
def redact(run: str, seq: int, reason: str, log: Place | None) -> None:
    """Blank the payload of one event for good; its row and its hash stay, and verify still holds."""
    from ..lineage.redact import redact as blank

    done = wait_for(blank(log_path(log), run, seq, reason))
    print(
        f"Blanked the {done.size:,} bytes of seq {done.seq} of {done.run}. The chain of hashes still holds."
    )
