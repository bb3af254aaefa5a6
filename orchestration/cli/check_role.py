"""The command `check-role`."""

import os
import sys
from dataclasses import dataclass

import click

from ..config.overrides import parse
from ..conformance.checking import CheckedRole, examine
from ..errors import ConfigError
from ..runtime.role_loader import RoleNotFound
from .options import json_option
from .output import print_document


@dataclass(frozen=True, slots=True)
class BrokenRule:
    """A rule that a role breaks, and what happened."""

    rule: str
    fault: str


@dataclass(frozen=True, slots=True)
class RoleDocument:
    """The rules that a role keeps and breaks."""

    role: str
    passed: list[str]
    faults: list[BrokenRule]
    notes: list[str]


@click.command("check-role")
@click.argument(
    "role", help="FILE.py or MODULE, with :CLASS if it holds several roles, or the name of an entry point."
)
@click.option(
    "--set", "settings", multiple=True, metavar="KEY=VALUE", help="A setting of the role. Repeatable."
)
@click.option(
    "--reply", "replies", multiple=True, metavar="TEXT", help="A reply that its model may give. Repeatable."
)
@json_option
def check_role(role: str, settings: tuple[str, ...], replies: tuple[str, ...], json: bool) -> None:
    """Test a role that you wrote against the rules for roles.

    The role takes part in short simulated runs. Replaying and resuming a run rely on the rules. The exit
    status is 1 if the role breaks one.
    """
    sys.path.insert(0, os.getcwd())
    try:
        found = examine(role, settings=parse(settings), replies=replies)
    except RoleNotFound as error:
        raise ConfigError(str(error)) from error
    if json:
        faults = [BrokenRule(rule, fault) for rule, fault in found.faults]
        print_document("role", RoleDocument(found.use, found.passed, faults, found.notes))
    else:
        _print_rules(found)
    if found.faults:
        raise SystemExit(1)


def _print_rules(found: CheckedRole) -> None:
    for rule in found.passed:
        print(f"ok      {rule}")
    for rule, fault in found.faults:
        print(f"BROKEN  {rule}\n        {fault}")
    for note in found.notes:
        print(f"note    {note}")
