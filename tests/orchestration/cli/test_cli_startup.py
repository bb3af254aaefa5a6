"""Commands start at once: each imports no more than it needs."""

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest
from tiny_runs import begin, scripted, tiny_config

ALWAYS = {"autogen_core", "numpy", "sqlalchemy", "aiohttp", "jinja2", "torch"}
"""What no command that only reads needs."""


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A log with a whole run."""
    folder = tmp_path_factory.mktemp("startup")
    asyncio.run(begin(tiny_config(folder), folder, scripted()))
    return folder / "log.db"


@pytest.mark.parametrize(
    ("arguments", "without"),
    [
        (["--help"], {"asyncio", "pydantic", "rich", "sqlite3"}),
        (["watch", "--help"], {"asyncio", "pydantic", "rich", "sqlite3"}),
        (["runs"], {"asyncio", "pydantic"}),
        (["best"], {"asyncio", "pydantic", "rich"}),
        (["try", "--help"], {"asyncio", "pydantic", "rich", "sqlite3"}),
        (["show"], {"asyncio"}),
        (["show", "last", "5"], {"asyncio"}),
        (["watch", "--no-follow", "--display", "plain"], set()),
    ],
)
def test_what_is_imported(log: Path, arguments: list[str], without: set[str]) -> None:
    """A command does its work without the libraries that only others need."""
    place = [] if "--help" in arguments else ["--log", str(log)]
    program = (
        "import sys\n"
        "from transfer_prompting.orchestration.cli import main\n"
        "try:\n"
        "    main()\n"
        "finally:\n"  # --help leaves by SystemExit
        f"    print(sorted(sys.modules.keys() & {without | ALWAYS!r}), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments, *place], capture_output=True, text=True, check=True
    )
    assert done.stdout
    assert done.stderr == "[]\n"
