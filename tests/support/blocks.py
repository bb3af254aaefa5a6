"""Find the code blocks of a page, run them in a folder of their own, and compare the output with the page.

A block with a title is a file. `python` blocks without one run in the order of the page, as one program.
`console` blocks hold commands after `$` with their output; a line `...` stands for omitted lines, and
`python tests/support/generate_docs.py PAGE` renews the output. Before a block, `<!-- not run: REASON -->`
gives the reason for not running it, and `<!-- output varies -->` means that only success counts.
"""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from forked_programs import TP, run_forked

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
_BLOCK = re.compile(
    r"(?:^<!-- (?P<note>[^\n]*) -->\n+)?"
    r"^```(?P<language>\w*)(?: title=\"(?P<title>[^\"]*)\")?[^\n]*\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
_FOR_A_SHELL = set("|&;<>()$`*?[]#~\n")
"""Signs that a shell gives a meaning to."""
_CHANGING = re.compile(r"\b[0-9a-f]{4,}\b|p[0-9a-f]{8}|\d+")
LEFT_OUT = "..."


@dataclass(frozen=True)
class Block:
    """A fenced block, with the position of its text in the page."""

    language: str
    title: str
    note: str
    text: str
    span: tuple[int, int]


@dataclass(frozen=True)
class Command:
    """A command line, with its output according to the page."""

    line: str
    output: str


def blocks(page: str) -> Iterator[Block]:
    """Yield the fenced blocks of a page's text, in order."""
    for found in _BLOCK.finditer(page):
        yield Block(
            found["language"], found["title"] or "", found["note"] or "", found["text"], found.span("text")
        )


def commands(block: Block) -> list[Command]:
    """Return the commands of a console block, each with the output below it."""
    parts = re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]
    return [Command(*part.split("\n", 1)) for part in parts]


def carry_out(page: str, folder: Path) -> Iterator[tuple[Block, list[Command]]]:
    """Run the blocks of a page in `folder`; yield each console block with the commands and their real output.

    Raises:
        AssertionError: A command or a program fails.
    """
    program: list[str] = []
    for block in blocks(page):
        if block.note.startswith("not run:"):
            continue
        if block.title:
            target = folder / block.title
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(block.text, encoding="utf-8")
        elif block.language == "python":
            program.append(block.text)
        elif block.language == "console":
            yield block, [replace(c, output=_run(c.line, folder)) for c in commands(block)]
    if program:
        (folder / "page.py").write_text("\n".join(program), encoding="utf-8")
        _run("python page.py", folder)


def same(printed: str, real: str) -> bool:
    """Return whether two outputs agree, apart from numbers, names of runs and omitted lines."""
    pattern = ".*".join(re.escape(_skeleton(part)) for part in re.split(r"^\.\.\.$", printed, flags=re.M))
    return re.fullmatch(pattern, _skeleton(real), re.DOTALL) is not None


def _skeleton(text: str) -> str:
    return " ".join(re.sub(r"[─━-]{2,}", "-", _CHANGING.sub("#", text)).split())


def _run(line: str, folder: Path) -> str:
    environment = os.environ | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "COLUMNS": "100",
        # With other work on the machine, two threads that wait for each other are slower than one.
        "OMP_NUM_THREADS": "1",
        "NO_COLOR": "1",
        "TERM": "dumb",
    }
    program, *words = shlex.split(line)
    if program == "tp" and not _FOR_A_SHELL & set(line):
        done = run_forked(TP, *words, folder=folder, environment=environment, together=True)
    elif line == "python page.py":
        code = "import runpy, sys; runpy.run_path(sys.argv[1], run_name='__main__')"
        done = run_forked(code, *words, folder=folder, environment=environment, together=True)
    else:
        done = subprocess.run(
            line,
            shell=True,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=1200,
            check=False,
        )
    assert done.returncode == 0, f"{line!r} ended with {done.returncode}:\n{done.stdout}"
    # Only the first use on a machine says this, whichever block that is.
    return re.sub(r"^Preparing the embedded model.*\n", "", done.stdout, flags=re.MULTILINE)
