"""The floors of the house: imports run downward, and light commands carry nothing heavy."""

import ast
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import transfer_prompting

ROOT = Path(transfer_prompting.__file__).parent
FLOORS = ["storage", "prompts", "agents", "orchestration"]
HEAVY = {"autogen_core", "torch", "transformers", "sqlalchemy", "sqlmodel", "vllm", "openai", "datasets"}


def _imported_floors(path: Path) -> set[str]:
    """The floors that a module imports from by a relative import."""
    here = path.relative_to(ROOT).parts[:-1]
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level:
            base = here[: len(here) - node.level + 1]
            target = (*base, *(node.module or "").split("."))
            found.add(target[0])
    return found & set(FLOORS)


@pytest.mark.parametrize("floor", FLOORS)
def test_imports_run_downward(floor: str) -> None:
    """No module imports from a floor above its own."""
    allowed = set(FLOORS[: FLOORS.index(floor) + 1])
    for path in sorted((ROOT / floor).rglob("*.py")):
        assert _imported_floors(path) <= allowed, path


@pytest.mark.parametrize("arguments", [["--help"], ["runs", "--log", "none.db"], ["tasks"]])
def test_light_commands_import_nothing_heavy(arguments: list[str], tmp_path: Path) -> None:
    """Commands that only look things up load neither AutoGen nor torch nor a database toolkit."""
    program = (
        "import sys\n"
        "from transfer_prompting.orchestration.cli import main\n"
        f"sys.argv = ['tp', *{arguments!r}]\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        f"print('LOADED', sorted(set(sys.modules) & {HEAVY!r}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "LOADED []"


def test_every_folder_is_packaged() -> None:
    """Each folder with modules in it is listed in pyproject.toml: one that is not is missing in a wheel."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    folders = {path.parent.relative_to(ROOT.parent) for f in FLOORS for path in (ROOT / f).rglob("*.py")}
    names = {".".join(("transfer_prompting", *folder.parts[1:])) for folder in folders}
    assert names | {"transfer_prompting"} == set(project["tool"]["setuptools"]["packages"])


def test_every_file_is_short() -> None:
    """One thought a file: none is longer than 500 lines."""
    for floor in FLOORS:
        for path in (ROOT / floor).rglob("*.py"):
            assert len(path.read_text(encoding="utf-8").splitlines()) <= 500, path
