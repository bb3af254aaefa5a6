"""The command `verify`."""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ...storage.place import Place
from ..lineage.verify import Finding
from ..lineage.verify import verify as check_runs
from .consent_options import consent_of, consent_options
from .options import json_option, log_option, log_path
from .output import print_document

if TYPE_CHECKING:
    from ..trust.consent import Consent


@dataclass(frozen=True, slots=True)
class VerifyDocument:
    """The result of checking a log, run by run."""

    findings: list[Finding]


@click.command
@click.argument("run", required=False, help="A run. Without it, all runs of the log are checked.")
@log_option
@json_option
@click.option(
    "--replay", is_flag=True, help="Also let every agent act again and compare, as `tp replay` does."
)
@consent_options
def verify(
    run: str | None, log: Place | None, json: bool, replay: bool, trust: bool, own: Path | None
) -> None:
    """Check that a log is complete and unchanged.

    Every event carries a hash of itself and of the events before it. The exit status is 2 if the log is
    damaged.
    """
    if (trust or own) and not (run and replay):
        raise click.UsageError("--trust and --config are for one RUN, and need --replay.")
    consent = consent_of(trust, own)
    place = log_path(log) if run is None else log_path(log, run)
    findings = asyncio.run(_check(place, run, replay=replay, quiet=json, consent=consent))
    if json:
        print_document("verify", VerifyDocument(findings))
    if any(finding.fault is not None for finding in findings):
        raise SystemExit(2)


async def _check(
    log: Place, run: str | None, *, replay: bool, quiet: bool, consent: "Consent"
) -> list[Finding]:
    findings = []
    async for finding in check_runs(log, run, replay=replay, consent=consent):
        findings.append(finding)
        if not quiet:
            print(finding.line)
    return findings
