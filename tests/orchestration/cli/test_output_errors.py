"""An output that is closed, full, gone, or of another encoding ends no run and prints no traceback."""

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from killed_runs import events_in, prepare, serving
from tiny_runs import begin, scripted, tiny_config

TP = f"{sys.executable} -c 'from transfer_prompting.orchestration.cli import main; main()'"
READING = ["show", "best", "watch --no-follow --display json", "replay last --no-verify", "--help"]
"""Commands that write with Rich, with print, from a display, from two streams, and with click."""


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the log of a run, some of whose texts are not ASCII."""
    folder = tmp_path_factory.mktemp("output")
    config = tiny_config(folder)
    asyncio.run(begin(config, folder, scripted()))
    return folder / "log.db"


def _shell(command: str, log: Path, **environment: str) -> "subprocess.CompletedProcess[str]":
    place = "" if command.startswith(("tasks", "--help")) else f"--log {log}"
    verb, _, redirection = command.partition(" > ") if " > " in command else (command, "", "")
    line = f"{TP} {verb} {place} {('> ' + redirection) if redirection else ''}"
    return subprocess.run(
        ["bash", "-c", line],
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
        cwd=log.parent,
    )


@pytest.mark.parametrize("command", READING)
def test_reading_into_a_full_output(log: Path, command: str) -> None:
    """A command that cannot write what was asked for says why, with exit status 1."""
    done = _shell(f"{command} > /dev/full", log)
    assert (done.returncode, done.stderr) == (
        1,
        "Error: The output cannot be written: No space left on device. Nothing in the log is lost.\n",
    )


@pytest.mark.parametrize("command", READING)
def test_reading_into_a_closed_output(log: Path, command: str) -> None:
    """A closed standard output is an error of the same kind."""
    done = _shell(f"{command} > &-".replace("> &-", "> /dev/null >&-"), log)
    assert done.returncode == 1
    assert (
        done.stderr
        == "Error: The output cannot be written: Bad file descriptor. Nothing in the log is lost.\n"
    )


@pytest.mark.parametrize("command", ["show", "show absent"])
def test_no_place_for_messages(log: Path, command: str) -> None:
    """Messages that cannot be written change nothing about a command: neither its output nor its status."""
    usual = _shell(command, log)
    for redirection in ("/dev/stdout 2>&-", "/dev/stdout 2>/dev/full", "/dev/stdout <&-"):
        done = _shell(f"{command} > {redirection}", log)
        assert (done.returncode, done.stdout) == (usual.returncode, usual.stdout)


def test_everything_closed(log: Path) -> None:
    """Without any standard stream a command ends with its status, and the log is as before."""
    before = log.read_bytes()
    assert _shell("show > /dev/null >&- 2>&- <&-", log).returncode == 1
    assert log.read_bytes() == before


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_encodings_that_lack_characters(log: Path, encoding: str) -> None:
    """What an encoding cannot express is written as an escape."""
    for command in ("show --tree", "best", "watch --no-follow", "watch --no-follow --display json"):
        done = _shell(command, log, PYTHONIOENCODING=encoding)
        assert (done.returncode, done.stderr) == (0, "")


def test_json_in_another_encoding(tmp_path: Path) -> None:
    """JSON means the same in every encoding."""
    code = (
        "from transfer_prompting.orchestration.cli.output import print_json\n"
        "from transfer_prompting.orchestration.console.streams import guard_standard_streams\n"
        "guard_standard_streams()\n"
        "print_json({'text': 'Zürich 中 \\U0001f600', 'path': b'\\xff'.decode(errors='surrogateescape')})"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        check=True,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
    )
    assert json.loads(done.stdout) == {"text": "Zürich 中 \U0001f600", "path": "\udcff"}


@pytest.mark.parametrize(
    "redirection",
    [
        "2>/dev/full",
        "2>&-",
        ">&- 2>&- <&-",
        "--display plain 2>/dev/full",
        "--display json >/dev/full",
        "--display json >&-",
        "--display log >/dev/full",
        "--display json | head -n 1",
        "--json >/dev/full",
        "--display none --json >&-",
    ],
)
async def test_a_run_goes_on(tmp_path: Path, redirection: str) -> None:
    """A run ends as it would have, with exit status 0 and a verdict in its log, whatever its output does."""
    async with serving() as server:
        prepare(tmp_path, server.url)
        process = await asyncio.create_subprocess_exec(
            *("bash", "-o", "pipefail", "-c", f"{TP} run run.toml {redirection}"),
            cwd=tmp_path,
            env={**os.environ, "OPENAI_API_KEY": "not-a-secret"},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        _, errors = await process.communicate()
    assert b"Traceback" not in errors
    assert process.returncode == 0
    assert events_in(tmp_path)[-1].kind == "run.finished"
    if redirection.endswith((">/dev/full", ">&-")) and "2>" not in redirection:
        assert b"The output ended early" in errors
