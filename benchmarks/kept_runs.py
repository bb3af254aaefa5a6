"""Runs by the command `tp` that are kept in a log, so that a measurement that was cut off goes on."""

import subprocess
import sys
from pathlib import Path

from transfer_prompting.storage.sqlite.reader import LogReader

TP = [sys.executable, "-c", "from transfer_prompting.orchestration.cli import main; main()"]
"""The command `tp`."""


def run_of(log: Path, name: str) -> str | None:
    """Return the run in a log whose configuration has this name; None if it was not begun."""
    if not log.exists():
        return None
    with LogReader(log) as reader:
        return next((one.run for one in reader.runs() if one.run.rpartition("-")[0] == name), None)


def carry_out(log: Path, name: str, config: Path, *, check: bool) -> None:
    """Make the run of this name in a log, or resume it; with `check` an exit status other than 0 raises."""
    begun = run_of(log, name)
    command = ["resume", begun] if begun else ["run", str(config)]
    subprocess.run([*TP, *command, "--log", str(log), "--display", "none"], check=check)
