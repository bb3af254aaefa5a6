"""The architecture: imports run downward without circles, and light commands import nothing heavy."""

import ast
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import transfer_prompting

ROOT = Path(transfer_prompting.__file__).parent
FLOORS = ["storage", "prompts", "agents", "orchestration"]
ROOMS = {
    "agents": (
        "upcasting",
        "stage_names",
        "call_events",
        "models",
        "experience",
        "messages",
        "grading",
        "scoring",
        "programs",
        "operators",
        "search",
        "roles",
        "agentchat",
    ),
    "orchestration": (
        "errors",
        "config",
        "trust",
        "calls",
        "projections",
        "experience",
        "budget",
        "runtime",
        "audit",
        "calibration",
        "cross_validation",
        "lineage",
        "studies",
        "cross_validation",
        "conformance",
        "console",
        "deploy",
        "api",
        "autogen_team",
        "dspy_examples",
        "dspy_optimiser",
        "doctor",
        "calibration",
        "console",
        "report",
        "serve",
        "trackers",
        "schemas",
        "replay_ui",
        "starting",
        "cli",
    ),
}
"""The folders and loose files of the upper floors; each may import from itself and from those before it."""
UPWARD: set[tuple[str, str]] = set()
"""Imports between rooms that still run upward, as ("orchestration/lower", "orchestration/upper")."""
HEAVY = {"autogen_core", "torch", "transformers", "sqlalchemy", "sqlmodel", "vllm", "openai", "datasets"}

Module = tuple[str, ...]


@cache
def _modules() -> dict[Module, Path]:
    """Every module by its path below the root, such as ("agents", "roles", "judge")."""
    found = {}
    for floor in FLOORS:
        for path in sorted((ROOT / floor).rglob("*.py")):
            name = path.relative_to(ROOT).with_suffix("").parts
            found[name[:-1] if name[-1] == "__init__" else name] = path
    return found


@cache
def _imports(module: Module) -> frozenset[Module]:
    """The modules that a module imports at any time, except for type checking alone."""
    path = _modules()[module]
    package = path.relative_to(ROOT).parts[:-1]
    found = set()
    for source, names in _relative_imports(path.read_text(encoding="utf-8"), package):
        inner = {(*source, name) for name in names} & _modules().keys()
        found |= inner if len(inner) == len(names) else {source, *inner}
    return frozenset(found & _modules().keys())


def _relative_imports(text: str, package: Module) -> Iterator[tuple[Module, list[str]]]:
    """The source and the names of each relative import in the text of a module of `package`."""
    for node in _executed(ast.parse(text)):
        if isinstance(node, ast.ImportFrom) and node.level:
            origin = node.module.split(".") if node.module else []
            source = (*package[: len(package) - node.level + 1], *origin)
            yield source, [alias.name for alias in node.names]


def _executed(tree: ast.AST) -> Iterator[ast.AST]:
    for node in ast.iter_child_nodes(tree):
        if not (isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"):
            yield node
            yield from _executed(node)


@pytest.mark.parametrize("floor", FLOORS)
def test_imports_run_downward(floor: str) -> None:
    """No module imports from a floor above its own."""
    allowed = set(FLOORS[: FLOORS.index(floor) + 1])
    for module in _modules():
        if module[0] == floor:
            assert {imported[0] for imported in _imports(module)} <= allowed, module


@pytest.mark.parametrize("floor", ROOMS)
def test_rooms_import_downward(floor: str) -> None:
    """Within a floor, no room imports from one that is listed after it, and every room is listed."""
    rooms = ROOMS[floor]
    upward = set()
    for module in _modules():
        if module[0] == floor and len(module) > 1:
            assert module[1] in rooms, f"list {module[1]} in ROOMS"
            for imported in _imports(module):
                if imported[0] == floor and rooms.index(imported[1]) > rooms.index(module[1]):
                    upward.add(("/".join(module[:2]), "/".join(imported[:2])))
    assert upward == {pair for pair in UPWARD if pair[0].startswith(floor)}


def test_no_circles() -> None:
    """No file imports itself by way of others, not even inside a function."""
    graph = {module: _imports(module) - {module} for module in _modules()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" -> ".join("/".join(module) for module in error.args[1]))


def test_imports_inside_functions_count() -> None:
    """An import inside a function is found, and one for type checking alone is left out."""
    text = (
        "if TYPE_CHECKING:\n    from ..errors import ConfigError\n"
        "def start():\n    from ..runtime.lifecycle import start\n    from . import waiting\n"
    )
    found = list(_relative_imports(text, ("orchestration", "cli")))
    assert found == [
        (("orchestration", "runtime", "lifecycle"), ["start"]),
        (("orchestration", "cli"), ["waiting"]),
    ]


@pytest.mark.parametrize("arguments", [["--help"], ["runs", "--log", "none.db"], ["tasks"]])
def test_light_commands_import_nothing_heavy(arguments: list[str], tmp_path: Path) -> None:
    """Commands that only look things up import neither AutoGen nor torch nor a database toolkit."""
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
    """Each folder with modules is listed in pyproject.toml, because others would be missing in a wheel."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    folders = {path.parent.relative_to(ROOT.parent) for f in FLOORS for path in (ROOT / f).rglob("*.py")}
    names = {".".join(("transfer_prompting", *folder.parts[1:])) for folder in folders}
    assert names | {"transfer_prompting"} == set(project["tool"]["setuptools"]["packages"])


def test_every_file_is_short() -> None:
    """One thought a file: none is longer than 500 lines."""
    for path in _modules().values():
        assert len(path.read_text(encoding="utf-8").splitlines()) <= 500, path
