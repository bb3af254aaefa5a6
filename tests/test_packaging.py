"""Everything in the repository that the program needs is installed."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

import transfer_prompting

ROOT = Path(transfer_prompting.__file__).parent
FLOORS = ("agents", "orchestration", "prompts", "storage")


@pytest.fixture(scope="module")
def setuptools() -> dict[str, Any]:
    """Return the table that tells setuptools what to install."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        table: dict[str, Any] = tomllib.load(file)["tool"]["setuptools"]
    return table


def _files() -> list[Path]:
    found = (path for floor in FLOORS for path in (ROOT / floor).rglob("*"))
    return [path for path in found if path.is_file() and "__pycache__" not in path.parts]


def _name(folder: Path) -> str:
    return ".".join(("transfer_prompting", *folder.relative_to(ROOT).parts))


def test_every_package_is_listed(setuptools: dict[str, Any]) -> None:
    """Every folder with Python files is a package, and exactly these packages are listed."""
    folders = {path.parent for path in _files() if path.suffix == ".py"}
    assert {folder for folder in folders if not (folder / "__init__.py").exists()} == set()
    assert {_name(ROOT), *map(_name, folders)} == set(setuptools["packages"])


def test_every_other_file_is_package_data(setuptools: dict[str, Any]) -> None:
    """Every template, task, seed and setting in a package is installed with it."""
    installed = {
        path
        for package, patterns in setuptools["package-data"].items()
        for pattern in patterns
        for path in ROOT.joinpath(*package.split(".")[1:]).glob(pattern)
    }
    others = {path for path in _files() if path.suffix != ".py"}
    assert others
    assert others - installed == set()
    assert ROOT / "py.typed" in installed
