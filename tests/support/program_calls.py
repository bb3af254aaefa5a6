"""Calls of the program from a test."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from transfer_prompting.orchestration.cli import main


@dataclass(frozen=True)
class Ended:
    """Exit status and output of a call of the program."""

    status: int
    out: str
    err: str


Tp = Callable[..., Ended]
"""Calls the program: `tp("run", "x.toml")`."""


def caller(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Tp:
    """Return a function that calls `tp` with arguments in this process."""

    def call(*arguments: object) -> Ended:
        monkeypatch.setattr("sys.argv", ["tp", *map(str, arguments)])
        try:
            main()
            status = 0
        except SystemExit as ended:
            status = int(ended.code or 0)
        captured = capsys.readouterr()
        return Ended(status, captured.out, captured.err)

    return call
