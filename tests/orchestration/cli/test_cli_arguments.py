"""The help of `tp`, wrong arguments, and output that is not read to its end."""

import os
import subprocess
import sys
from pathlib import Path

import click
import pytest
from program_calls import Tp

import transfer_prompting
from transfer_prompting.orchestration.cli.app import COMMANDS as LAZY
from transfer_prompting.orchestration.cli.app import GROUPS, LazyCommand, app

COMMANDS = (
    "init run resume cross-validate study runs watch replay show why cost report serve audit compare "
    "diff experience best try migrate fork verify export import redact project tasks doctor check-role "
    "calibrate-judge schema completion"
)
HEADINGS = ("Positional arguments:", "Options:")


def test_help(tp: Tp) -> None:
    """The help lists every command once, in groups, with its purpose on the same line."""
    ended = tp("--help")
    assert ended.status == 0
    groups = ended.out.partition("Options:")[2].split("\n\n")[1:]
    headings = [group.splitlines()[0] for group in groups]
    listed = [line.split() for group in groups for line in group.splitlines()[1:]]
    assert headings == [f"{name}:" for name in GROUPS]
    assert " ".join(words[0] for words in listed) == COMMANDS
    assert all(len(words) > 3 for words in listed)


def test_version(tp: Tp) -> None:
    """`tp --version` prints the version of the package."""
    assert tp("--version").out == f"tp {transfer_prompting.__version__}\n"


def test_help_imports_no_command(tmp_path: Path) -> None:
    """The list of commands is printed without importing any of them."""
    program = (
        "import sys\n"
        "from transfer_prompting.orchestration import cli\n"
        "try:\n"
        "    cli.main()\n"
        "finally:\n"  # --help leaves by SystemExit
        "    loaded = {name for name in sys.modules if name.startswith(cli.__name__ + '.')}\n"
        "    print(sorted(name.rpartition('.')[2] for name in loaded), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, "--help"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stderr == "['app']\n"


def test_no_command(tp: Tp) -> None:
    """Without a command the help is printed on stderr, and the status is that of wrong input."""
    ended = tp()
    assert (ended.status, ended.out) == (2, "")
    assert ended.err == tp("--help").out


@pytest.mark.parametrize(("name", "lazy"), LAZY.items())
def test_summaries(name: str, lazy: LazyCommand) -> None:
    """The list of commands shows the first sentence of each command's own help, and its own name."""
    command = app.get_command(click.Context(app), name)
    assert command is not None
    assert (command.name, command.get_short_help_str(1000)) == (name, lazy.summary)


@pytest.mark.parametrize("command", COMMANDS.split())
def test_help_of_a_command(tp: Tp, command: str) -> None:
    """Every argument and every option of a command is explained."""
    ended = tp(command, "--help")
    assert ended.status == 0
    sections = [section.splitlines() for section in ended.out.split("\n\n")]
    rows = [row for section in sections if section[0] in HEADINGS for row in section[1:]]
    assert rows
    for number, row in enumerate(rows):
        named = row.startswith("  ") and row[2] != " "
        below = rows[number + 1].startswith("      ") if number + 1 < len(rows) else False
        assert not named or "  " in row.strip() or below, row


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("shwo",), ["No such command 'shwo'", "show"]),
        (("watch", "--bad"), ["No such option", "--bad", "tp watch --help"]),
        (("watch", "--tail", "0"), ["--tail", "x>=1"]),
        (("watch", "--display", "loud"), ["--display", "'loud'", "'plain'"]),
        (("replay", "--speed", "-1"), ["--speed", "x>=0"]),
        (("diff", "one"), ["Missing argument 'SECOND'"]),
        (("fork", "last", "--set", "seed=1"), ["--at is missing", "tp fork last"]),
        (("export", "last"), ["-o FILE or --to TRACKER"]),
        (("runs", "more"), ["unexpected extra argument", "more"]),
    ],
)
def test_wrong_arguments(tp: Tp, arguments: tuple[str, ...], words: list[str]) -> None:
    """The error for a wrong call names the wrong argument, on stderr, with status 2."""
    ended = tp(*arguments)
    assert (ended.status, ended.out) == (2, "")
    for word in words:
        assert word in ended.err


def test_a_url_is_no_path(tp: Tp, monkeypatch: pytest.MonkeyPatch) -> None:
    """The value of --log is opened as it was written: a URL without a host keeps its three slashes."""
    opened: list[object] = []

    def open_log(place: object) -> None:
        opened.append(place)
        raise SystemExit(0)

    monkeypatch.setattr("transfer_prompting.orchestration.cli.runs.open_log", open_log)
    for place in ("postgresql:///base", "postgresql://host/base?schema=x", "folder/log.db", ":memory:"):
        tp("runs", "--log", place)
    assert opened == [
        "postgresql:///base",
        "postgresql://host/base?schema=x",
        Path("folder/log.db"),
        Path(":memory:"),
    ]


@pytest.mark.parametrize("arguments", [["--help"], ["tasks"], ["tasks", "--json"]])
def test_output_that_is_not_read(tmp_path: Path, arguments: list[str]) -> None:
    """If the output is not read, the program ends without a message."""
    program = (
        "import os, sys\n"
        "from transfer_prompting.orchestration.cli import main\n"
        "read, write = os.pipe()\n"
        "os.close(read)\n"
        "os.dup2(write, 1)\n"
        "main()"
    )
    buffered = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        cwd=tmp_path,
        env=buffered,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert (done.returncode, done.stderr) == (1, "")
