"""The command for those who write roles: check-role."""

import click

from .options import json_option


@click.command("check-role")
@click.argument("role", help="FILE.py or MODULE, with :CLASS where it holds several, or an entry point.")
@click.option("--set", "settings", multiple=True, metavar="KEY=VALUE", help="A setting of the role.")
@click.option("--reply", "replies", multiple=True, metavar="TEXT", help="What its model may reply.")
@json_option
def check_role(role: str, settings: tuple[str, ...], replies: tuple[str, ...], json: bool) -> None:
    """Try a role in dry runs: does it keep the rules that replay and resuming rest on?"""
    import os
    import sys

    from ..config.overrides import parse
    from ..conformance.checking import examine
    from ..errors import ConfigError
    from ..runtime.role_loader import RoleNotFound
    from .documents import print_json

    sys.path.insert(0, os.getcwd())
    try:
        found = examine(role, settings=parse(settings), replies=replies)
    except RoleNotFound as error:
        raise ConfigError(str(error)) from error
    if json:
        faults = [{"rule": rule, "fault": fault} for rule, fault in found.faults]
        print_json({"role": found.use, "passed": found.passed, "faults": faults, "notes": found.notes})
    else:
        for rule in found.passed:
            print(f"ok      {rule}")
        for rule, fault in found.faults:
            print(f"BROKEN  {rule}\n        {fault}")
        for note in found.notes:
            print(f"note    {note}")
    if found.faults:
        raise SystemExit(1)
