"""A log from a stranger runs nothing, sends nothing and writes nothing before the user approves it."""

import asyncio
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession
from foreign_logs import (
    IDENTITIES,
    KEY,
    MARKER,
    OWN,
    OWN_STUDY,
    ROLE,
    VARIABLE,
    Trap,
    attacks,
    listening,
    write_foreign_log,
)
from program_calls import Tp
from serving import serving
from tiny_runs import RUN

from transfer_prompting.orchestration.cli.app import COMMANDS

LOG = "../foreign/log.db"
OBEYING = {
    "resume": ["resume", RUN],
    "resume with a budget": ["resume", RUN, "--budget", "calls=5"],
    "fork": ["fork", RUN, "--at", "4"],
    "fork with a setting": ["fork", RUN, "--at", "4", "--set", "search.history=1"],
    "migrate": ["migrate", RUN, "--scorer", "smollm2"],
    "try": ["try", RUN, "--input", "rows.jsonl"],
}
"""Calls that would carry the run out."""
REENACTING = {
    "replay": ["replay", RUN, "--display", "plain"],
    "verify --replay": ["verify", RUN, "--replay"],
    "verify --replay of all": ["verify", "--replay"],
}
"""Calls that would load the roles, but ask no model."""
READING = {
    "runs": ["runs"],
    "watch": ["watch", RUN, "--no-follow", "--display", "plain"],
    "show": ["show", RUN],
    "show tree": ["show", RUN, "--tree"],
    "show opening": ["show", RUN, "1"],
    "best": ["best", RUN],
    "best as a program": ["best", RUN, "--as", "python"],
    "best for promptfoo": ["best", RUN, "--as", "promptfoo"],
    "why": ["why", RUN],
    "cost": ["cost", RUN],
    "report": ["report", RUN, "-o", "page.html"],
    "compare": ["compare", RUN, RUN],
    "project": ["project", RUN],
    "diff": ["diff", RUN, RUN],
    "verify": ["verify", RUN],
    "export": ["export", RUN, "-o", "run.jsonl"],
    "replay --no-verify": ["replay", RUN, "--no-verify", "--display", "plain"],
    "redact": ["redact", RUN, "2", "--reason", "x"],
    "run": ["run", "own.toml", "--dry-run"],
    "cross-validate": ["cross-validate", "own.toml", "--folds", "2", "--dry-run"],
    "study": ["study", "show"],
    "study report": ["study", "report", "-o", "page.html"],
    "audit": ["audit", RUN],
    "moments to fork at": ["fork", RUN],
    "experience": ["experience"],
}
"""Calls that read the log only."""
WITHOUT_A_LOG = {
    "init": ["init"],
    "tasks": ["tasks"],
    "doctor": ["doctor"],
    "schema": ["schema", "run"],
    "completion": ["completion", "bash"],
    "import": ["import", "nothing.jsonl"],
    "check-role": ["check-role", "nothing.py"],
    "calibrate-judge": ["calibrate-judge", "second", "--config", "own.toml"],
}
"""Calls that read no run of a log."""
SERVING = {"serve": ["serve"]}
"""Call that does not end by itself; its pages are asked for one by one."""
PAGES = (
    "/",
    f"/runs/{RUN}",
    f"/runs/{RUN}/now",
    f"/compare?run={RUN}&run=own",
    "/experience",
    "/studies",
    "/studies/study",
)
"""Every page of the server that reads something of the log."""
WRITTEN = {"page.html", "run.jsonl", "transfer-prompting.toml"}
"""Files that the user has asked for."""


@pytest.fixture
def trap() -> Iterator[Trap]:
    """Return the attacker's server."""
    with listening() as trap:
        yield trap


@pytest.fixture(params=[name for name in attacks("") if name != "all"])
def attack(
    request: pytest.FixtureRequest, tmp_path: Path, trap: Trap, here: Path, monkeypatch: pytest.MonkeyPatch
) -> str:
    """Return the name of an attack, whose log lies in LOG and whose code lies in the current folder."""
    name: str = request.param
    identity = IDENTITIES.get(name, "x").format(url=trap.url)
    write_foreign_log(tmp_path / "foreign", attacks(trap.url)[name], identity)
    (here / "spy.py").write_text(ROLE)
    (here / "factory.py").write_text(f"from pathlib import Path\nPath({MARKER!r}).touch()\nmake = list\n")
    (here / "own.toml").write_text(OWN)
    (here / "study.toml").write_text(OWN_STUDY)
    monkeypatch.syspath_prepend(here)
    monkeypatch.setenv(VARIABLE, KEY)
    for module in [name for name in sys.modules if name in ("spy", "factory")]:
        monkeypatch.delitem(sys.modules, module)
    return name


def harm(trap: Trap) -> list[str]:
    """Return what the attacker has reached: files in the current folder, and requests to the server."""
    return [*(path.name for path in Path().rglob(f"{MARKER}*")), *trap.got]


def named(tables: dict[str, Any]) -> list[str]:
    """Return the values of the tables that a refusal must show."""
    shown = ("use", "url", "command", "base_url", "api_key_env", "answers", "model", "address")
    settings = [setting for table in tables.values() for setting in table.values()]
    tables_of_settings = [setting for setting in settings if isinstance(setting, dict)]
    functions = [setting for setting in settings if isinstance(setting, str)]
    found = [setting[key] for setting in tables_of_settings for key in shown if key in setting]
    return functions + [one if isinstance(one, str) else " ".join(one) for one in found]


def test_every_command_is_tried() -> None:
    """A new command of the program must be added to this file, or it would not be tried."""
    tried = {
        call[0] for calls in (OBEYING, REENACTING, READING, SERVING, WITHOUT_A_LOG) for call in calls.values()
    }
    assert tried == set(COMMANDS)


@pytest.mark.usefixtures("state")
def test_a_foreign_run_is_not_carried_out(tp: Tp, attack: str, trap: Trap) -> None:
    """Else code of the attacker runs, and a secret of this computer goes to the attacker's server."""
    before = Path(LOG).read_bytes()
    for arguments in OBEYING.values():
        display = [] if arguments[0] == "try" else ["--display", "none"]
        ended = tp(*arguments, "--log", LOG, *display)
        assert ended.status == 2, (arguments, ended)
        assert "Traceback" not in ended.err
        for words in (*map(json.dumps, named(attacks(trap.url)[attack])), "--trust", "--config FILE"):
            assert words in ended.err
        assert harm(trap) == []
    assert Path(LOG).read_bytes() == before


@pytest.mark.usefixtures("state")
def test_a_foreign_run_is_not_reenacted(tp: Tp, attack: str, trap: Trap) -> None:
    """Else looking at a log runs the file of the current folder that the log names."""
    for arguments in REENACTING.values():
        ended = tp(*arguments, "--log", LOG)
        assert "Traceback" not in ended.err
        if attack.startswith("role"):
            assert ended.status == 2, (arguments, ended)
            assert "approved" in ended.out + ended.err
        else:
            assert "approved" not in ended.out + ended.err
        assert harm(trap) == [], arguments


@pytest.mark.usefixtures("state")
@pytest.mark.parametrize("attack", ["role file"], indirect=True)
def test_the_full_screen_opens_after_the_check(tp: Tp, attack: str, trap: Trap) -> None:
    """A refusal comes before the screen opens; else its thread would load the role."""
    ended = tp("replay", RUN, "--display", "full", "--log", LOG)
    assert ended.status == 2
    assert '"spy.py:Spy"' in ended.err
    assert harm(trap) == []


@pytest.mark.usefixtures("state", "attack")
@pytest.mark.parametrize("attack", ["all"], indirect=True)
def test_reading_does_nothing_else(tp: Tp, trap: Trap) -> None:
    """Else looking at a log runs code, sends a secret, or writes files of the attacker's choice."""
    before = {path.name for path in Path().iterdir()}
    for arguments in [*READING.values(), *WITHOUT_A_LOG.values()]:
        log = [] if arguments in WITHOUT_A_LOG.values() else ["--log", LOG]
        ended = tp(*arguments, *log)
        assert "Traceback" not in ended.err
        assert harm(trap) == [], arguments
    assert {path.name for path in Path().iterdir()} - before <= WRITTEN


@pytest.mark.usefixtures("state", "attack")
@pytest.mark.parametrize("attack", ["all"], indirect=True)
def test_serving_does_nothing_else(trap: Trap) -> None:
    """Else a page about the log runs code, sends a secret or writes a file."""
    Path("study.toml").write_text(f'log = "{LOG}"\n{OWN_STUDY.replace("second", "support_routing")}')
    before = {*Path().rglob("*"), *Path("../foreign").rglob("*")}
    contents = Path(LOG).read_bytes()
    asyncio.run(ask_for_pages(trap))
    assert {*Path().rglob("*"), *Path("../foreign").rglob("*")} == before
    assert Path(LOG).read_bytes() == contents


async def ask_for_pages(trap: Trap) -> None:
    """Ask for every page about the log, and check after each what the attacker has reached."""
    async with serving(Path(LOG), [Path("study.toml")]) as address, ClientSession() as session:
        for page in PAGES:
            async with session.get(address + page) as reply:
                assert reply.status in (200, 404), page
                assert "<main" in await reply.text() or page.endswith("/now")
            assert harm(trap) == [], page


@pytest.mark.usefixtures("state")
@pytest.mark.parametrize(
    "attack", ["role file", "role module", "key", "factory", "metric", "program"], indirect=True
)
def test_the_attacks_work_once_approved(tp: Tp, attack: str, trap: Trap) -> None:
    """The attacks do harm after --trust: otherwise the tests of this file could not fail.

    The approval is listed, and is remembered for this run.
    """
    ended = tp("resume", RUN, "--log", LOG, "--display", "none", "--trust")
    assert "Approved for run" in ended.err
    assert harm(trap), ended.err
    assert attack != "key" or f"Bearer {KEY}" in trap.got
    again = tp("resume", RUN, "--log", LOG, "--display", "none")
    assert "approved" not in again.err


@pytest.mark.usefixtures("state")
@pytest.mark.parametrize("attack", ["role file", "key", "factory"], indirect=True)
def test_the_users_own_configuration(tp: Tp, attack: str, trap: Trap) -> None:
    """With --config nothing of the log is obeyed; else the option would be a way around the approval."""
    ended = tp("resume", RUN, "--log", LOG, "--display", "none", "--config", "own.toml")
    assert ended.status != 0
    assert harm(trap) == []
    other_run = "does not describe this run: its roles"
    assert (other_run if attack == "role file" else "The run was started with") in ended.err


@pytest.mark.usefixtures("state")
@pytest.mark.parametrize("attack", ["role file"], indirect=True)
def test_a_fork_takes_over_no_demand(tp: Tp, attack: str, trap: Trap) -> None:
    """A setting of a role approves no code that the log names; else changing the setting would run it."""
    for setting in ("roles.spy.limit=1", "models.scorer.concurrency=2"):
        ended = tp("fork", RUN, "--at", 4, "--set", setting, "--log", LOG, "--display", "none")
        assert ended.status == 2
        assert harm(trap) == []


@pytest.mark.usefixtures("state")
def test_the_options_need_a_run(tp: Tp) -> None:
    """An approval of all runs of a log would approve what the user has not seen."""
    ended = tp("verify", "--replay", "--trust", "--log", LOG)
    assert ended.status == 2
    assert "for one RUN" in ended.err
