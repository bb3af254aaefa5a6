"""The command `doctor`."""

from dataclasses import dataclass

import click

from ..doctor import Check, examine
from .options import json_option
from .output import print_document, print_table


@dataclass(frozen=True, slots=True)
class DoctorDocument:
    """The packages and models that were looked for."""

    checks: list[Check]


@click.command
@json_option
def doctor(json: bool) -> None:
    """Show what is installed and which models can run here.

    The exit status is 1 if a required part is missing.
    """
    checks = examine()
    if json:
        print_document("doctor", DoctorDocument(checks))
    else:
        rows = [[check.name, "yes" if check.ok else "no", check.detail] for check in checks]
        print_table(["", "here", "detail"], rows)
    if not all(check.ok or check.optional for check in checks):
        raise SystemExit(1)
