"""Run the commands of docs/reading-a-run.md on the log of a simulated run.

    python tests/support/reading_page.py

renews the output that the page shows. Output that the page shortens ("...") stays as it is.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from blocks import LEFT_OUT
from harbour_run import harbour_log

import transfer_prompting

PAGE = Path(transfer_prompting.__file__).parent / "docs" / "reading-a-run.md"
_BLOCK = re.compile(r"(?<=^```console\n)\$ .*?(?=^```$)", re.MULTILINE | re.DOTALL)


def commands(page: str) -> Iterator[str]:
    """Yield the commands of the page, in order."""
    for block in _BLOCK.finditer(page):
        yield block[0].splitlines()[0].removeprefix("$ ")


def carry_out(command: str, folder: Path) -> str:
    """Return the output of a command in `folder`. Raises `AssertionError` if it fails."""
    programs = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {command}"],
        cwd=folder,
        env=os.environ | {"PATH": programs, "COLUMNS": "100", "NO_COLOR": "1", "TERM": "dumb"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, f"{command}: {done.stderr}"
    return "".join(f"{line.rstrip()}\n" for line in done.stdout.splitlines())


def place_log(folder: Path) -> None:
    """Copy the log to the place where the commands look for one."""
    log = harbour_log()
    for path in log.parent.glob(f"{log.name}*"):
        shutil.copy(path, folder / path.name.replace("log.db", "transfer-prompting.db"))


if __name__ == "__main__":
    with TemporaryDirectory() as name:
        place_log(Path(name))

        def renewed(block: re.Match[str]) -> str:
            if f"\n{LEFT_OUT}\n" in block[0]:
                return block[0]
            [command] = commands(f"```console\n{block[0]}```\n")
            return f"$ {command}\n{carry_out(command, Path(name))}"

        PAGE.write_text(_BLOCK.sub(renewed, PAGE.read_text(encoding="utf-8")), encoding="utf-8")
