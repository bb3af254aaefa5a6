"""A foreign log, and a foreign server, only ever show text: a terminal obeys none of it.

Lost otherwise: what the clipboard holds and what is pasted next, the title and contents of the screen, and
the truth of what a person reads (hidden, reversed or erased text).
"""

import asyncio
import json
import re
from pathlib import Path

import pytest
from hostile_log import ATTACK, ATTACKS, dangers, hostile_envelope, hostile_event
from projected_story import STORY, write
from pty_screens import Screen
from terminal_calls import on_terminal, python_on_terminal

import transfer_prompting
from transfer_prompting.storage.errors import RowRefused
from transfer_prompting.storage.event import Event

PROMPT = next(event for event in STORY if event.kind == "scoring.requested")
COMMANDS: list[list[str]] = [
    ["runs"],
    ["show"],
    ["show", "--tree"],
    ["show", "--json"],
    *(["show", "last", str(event.seq)] for event in STORY),
    *(["show", "last", str(event.seq), "--json"] for event in STORY[:6]),
    ["best"],
    ["best", "--json"],
    ["best", "--by", "accuracy"],
    ["best", "--by", ATTACK],
    *(["best", "--as", form] for form in ("request", "messages", "python", "json", "promptfoo", "dspy")),
    ["best", "--as", "request", "--row", ATTACK],
    ["try", "last", "--input", "absent.csv"],
    ["why", "last", "best"],
    ["why", "last", "best", "--json"],
    ["why", "last", ATTACK],
    ["cost"],
    ["report", "--json"],
    ["report", "-o", "page.html"],
    ["compare", "last", "last"],
    ["diff", "last", "last"],
    ["verify"],
    ["project"],
    *(["watch", "--no-follow", "--display", display] for display in ("plain", "log", "json", "live")),
    ["watch", "--no-follow", "--display", "plain", "--kind", "call.*"],
    ["watch", "--no-follow", "--display", "plain", "--module", ATTACK],
    *(
        ["replay", "last", "--no-verify", "--display", display]
        for display in ("plain", "log", "json", "live")
    ),
    ["show", ATTACK],
    [f"x{ATTACK}"],
    ["show", f"--{ATTACK}"],
    ["runs", "--log", f"absent{ATTACK}".replace("\0", "")],
    ["run", f"absent{ATTACK}".replace("\0", "")],
]
"""Every way to look at a run, and every way to have an argument echoed."""


def _log(folder: Path, events: list[Event]) -> Path:
    asyncio.run(write(folder / "log.db", events))
    return folder / "log.db"


def _commands(log: Path) -> list[list[str]]:
    return [
        [
            *command,
            *([] if "--log" in command or command[0] in ("run", f"x{ATTACK}") else ["--log", str(log)]),
        ]
        for command in COMMANDS
    ]


def test_the_attack_is_seen() -> None:
    """Each attack is one that the check of these tests would find in an output."""
    assert all(dangers(attack) for attack in ATTACKS[:-1])


def test_payloads_of_a_foreign_log(tmp_path: Path) -> None:
    """No command writes a terminal command that stands in a prompt, a reply, an id or an error."""
    log = _log(tmp_path, [hostile_event(event) for event in STORY])
    output = on_terminal(_commands(log), tmp_path)
    assert not dangers(output)
    assert "Traceback" not in output
    assert output.count("\\u001b]52;c;ZXZpbA==\\u0007") > 100


def test_envelopes_of_a_foreign_log(tmp_path: Path) -> None:
    """A log takes no event whose run, sender or recipients have unusual names, so no view shows one."""
    with pytest.raises(RowRefused, match="An event of"):
        _log(tmp_path, [hostile_envelope(event) for event in STORY])
    for name in (f"run{ATTACK}", "../../up", "/tmp/absolute", "..", "a/b", "-o", "~", "x" * 300):
        with pytest.raises(RowRefused):
            _log(tmp_path, [event._replace(run=name) for event in STORY])


def test_json_keeps_its_meaning_on_a_terminal(tmp_path: Path) -> None:
    """What is made visible in a JSON document is escaped, so the document says the same."""
    log = _log(tmp_path, [hostile_event(event) for event in STORY])
    output = on_terminal([["best", "--json", "--log", log]], tmp_path, COLUMNS="1000")
    assert json.loads(output)["best"]["text"].endswith(ATTACK)


def test_a_pipe_gets_the_prompt_as_it_is(tmp_path: Path) -> None:
    """Only a terminal is protected: a prompt that is written to a file keeps every character."""
    log = _log(tmp_path, [hostile_event(event) for event in STORY])
    code = (
        "import subprocess, sys\n"
        "code = 'from transfer_prompting.orchestration.cli import main; main()'\n"
        f"arguments = ['best', '--log', {str(log)!r}]\n"
        "done = subprocess.run([sys.executable, '-c', code, *arguments], capture_output=True)\n"
        "print(done.stdout.hex())"
    )
    output = bytes.fromhex(python_on_terminal(code, tmp_path).strip())
    assert output.decode().endswith(ATTACK + "\n")


@pytest.mark.parametrize(
    "statement",
    [
        "raise ValueError(attack)",
        "print(attack)",
        "print(attack, file=sys.stderr)",
        "sys.stdout.writelines([attack])",
        "import warnings; warnings.warn(attack)",
        "import logging; logging.error(attack)",
        "import click; click.echo(attack)",
        "import click; click.secho(attack, err=True)",
        "from rich.console import Console; Console().print(attack)",
        "from transfer_prompting.orchestration.cli.screen import open_screen; open_screen().print(attack)",
        "import threading; thread = threading.Thread(target=lambda: 1 / len(attack[:0]), name=attack); "
        "thread.start(); thread.join()",
    ],
)
def test_a_forgotten_call(tmp_path: Path, statement: str) -> None:
    """Whatever writes in the program, a library or a traceback included, writes text only."""
    output = _guarded(statement, tmp_path)
    assert "u001b]52" in output
    assert not dangers(output)


@pytest.mark.parametrize("encoding", ["latin-1", "ascii", "cp1252"])
def test_a_terminal_of_another_encoding(tmp_path: Path, encoding: str) -> None:
    """A terminal that cannot express a character gets its escape, and obeys nothing either."""
    output = _guarded("print(attack + '\u4e2d')", tmp_path, encoding)
    assert "u001b]52" in output
    assert "u4e2d" in output
    assert not dangers(output)


def _guarded(statement: str, folder: Path, encoding: str = "utf-8") -> str:
    """Return what a statement writes to a terminal after the standard streams have been guarded."""
    code = (
        "import sys\n"
        "from transfer_prompting.orchestration.console.streams import guard_standard_streams\n"
        "guard_standard_streams()\n"
        f"attack = {ATTACK!r}\n"
        f"{statement}\n"
    )
    return python_on_terminal(code, folder, PYTHONIOENCODING=encoding, NO_COLOR="1", FORCE_COLOR="")


def test_the_page_and_the_picture(tmp_path: Path) -> None:
    """A report and a picture hold visible characters only, and no link or element of the attack."""
    log = _log(tmp_path, [hostile_event(event, ATTACK + "<script>alert(1)</script>") for event in STORY])
    calls = [
        ["report", "--log", log, "-o", "page.html"],
        ["watch", "--log", log, "--svg", "picture.svg"],
    ]
    on_terminal(calls, tmp_path)
    for name in ("page.html", "picture.svg"):
        text = (tmp_path / name).read_text()
        assert not re.findall(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e\u200b\u2066\U000e0049]", text)
        assert "<script>alert" not in text
        assert 'href="http' not in text


def test_the_full_screen(tmp_path: Path) -> None:
    """The screen of the replay, its panes and its tables draw the texts of a foreign log as text."""
    log = _log(tmp_path, [hostile_event(event) for event in STORY])
    with Screen(["replay", "--no-verify", "--log", log], 160, 48) as screen:
        screen.until_row("message 1 of")
        for _ in range(12):
            screen.send("\r")
            screen.until_row("j as stored")
            screen.send("j\x1b")
            screen.until(lambda rows: not any("j as stored" in row for row in rows), "the conversation")
            screen.send("\x1b[C")
        screen.send("q")
        assert screen.ended() == 0
        commands = ("\x1b]52", "\x1b]0", "\x1b]8", "\x1bP", "\x1b_", "\x1b[8m", "\x9b", "\x7f")
        for part in (*commands, "\u202e", "\u200b", "\U000e0049"):
            assert part not in screen.raw
        assert "u001b]52" in screen.raw


@pytest.mark.parametrize("name", ["nul", "a..b", "x" * 200])
def test_the_name_of_a_page(tmp_path: Path, name: str) -> None:
    """The page of a run lies in the folder of the call, whatever the run is called.

    Names that lead elsewhere, such as "../../up", are refused by the log.
    """
    folder = tmp_path / "here" / "below"
    folder.mkdir(parents=True)
    log = _log(tmp_path, [event._replace(run=name) for event in STORY])
    before = set(tmp_path.rglob("*"))
    on_terminal([["report", "--log", log]], folder)
    [page] = set(tmp_path.rglob("*.html")) - before
    assert page.parent == folder
    assert re.fullmatch(r"[\w-][\w.-]*\.html", page.name)


def test_every_console_is_safe() -> None:
    """The program makes no console but safe ones, so that none can pass on a terminal command."""
    root = Path(transfer_prompting.__file__).parent
    found = [
        path.name
        for floor in ("orchestration", "agents", "prompts", "storage")
        for path in (root / floor).rglob("*.py")
        if re.search(r"(?<!Safe)\bConsole\(", path.read_text(encoding="utf-8"))
    ]
    assert found == []
