"""Calls of the program whose standard output and error are a terminal."""

import os
import pty
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from forked_programs import OnTerminal

_PROGRAM = """
import sys
from transfer_prompting.orchestration.cli import main
for arguments in {calls!r}:
    sys.argv = ["tp", *arguments]
    try:
        main()
    except SystemExit as ended:
        print("ended with", ended.code)
"""


def on_terminal(calls: Sequence[Sequence[object]], folder: Path, **environment: str) -> str:
    """Return all that calls of `tp`, one after another in one process, write to a terminal."""
    code = _PROGRAM.format(calls=[[str(argument) for argument in call] for call in calls])

    def run(terminal: int) -> None:
        variables = {**os.environ, "TERM": "xterm-256color", **environment}
        OnTerminal(code, terminal=terminal, folder=folder, environment=variables).wait()

    return _written(run)


def python_on_terminal(code: str, folder: Path, **environment: str) -> str:
    """Return all that a Python program writes to a terminal."""

    def run(terminal: int) -> None:
        subprocess.run(
            [sys.executable, "-c", code],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=terminal,
            stderr=terminal,
            env={**os.environ, "TERM": "xterm-256color", **environment},
        )

    return _written(run)


def _written(run: Callable[[int], None]) -> str:
    """Return all that `run` writes to the terminal that it is given."""
    master, slave = pty.openpty()
    pieces: list[bytes] = []

    def read() -> None:
        while True:
            try:
                piece = os.read(master, 65_536)
            except OSError:  # The program has closed its end.
                return
            pieces.append(piece)

    reader = threading.Thread(target=read)
    reader.start()
    run(slave)
    os.close(slave)
    reader.join()
    os.close(master)
    # Replaced rather than refused: a single byte of C1 is an attack, too.
    return b"".join(pieces).decode(errors="backslashreplace")
