"""Everything in the repository that the program needs is installed."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

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


def test_one_version() -> None:
    """The version stands in the package alone, and pyproject.toml takes it from there."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        table = tomllib.load(file)
    assert "version" not in table["project"]
    assert table["tool"]["setuptools"]["dynamic"]["version"] == {"attr": "transfer_prompting.__version__"}
    assert re.fullmatch(r"\d+\.\d+\.\d+", transfer_prompting.__version__)


def test_the_changelog() -> None:
    """It begins with what is unreleased; all headings are those of Keep a Changelog, and versions fall."""
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    first, *released = re.findall(r"^## (.*)$", text, re.MULTILINE)
    assert first == "[Unreleased]"
    versions = [re.fullmatch(r"\[(\d+)\.(\d+)\.(\d+)\] - \d{4}-\d\d-\d\d", heading) for heading in released]
    assert None not in versions
    numbers = [tuple(map(int, version.groups())) for version in versions if version]
    assert numbers == sorted(set(numbers), reverse=True)
    kinds = set(re.findall(r"^### (.*)$", text, re.MULTILINE))
    assert kinds <= {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}


def test_declared_versions_of_python() -> None:
    """Each is in the matrix of the hosted tests, and the oldest is the one that pip requires."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        project = tomllib.load(file)["project"]
    declared = re.findall(r"Python :: (3\.\d+)", "\n".join(project["classifiers"]))
    hosted = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8"))
    for job in ("test", "dist"):
        assert set(declared) <= set(hosted["jobs"][job]["strategy"]["matrix"]["python"])
    assert project["requires-python"] == f">={declared[0]}"


def test_hosted_jobs_call_the_targets() -> None:
    """The hosted jobs run targets of the Makefile that exist, and all three that decide."""
    hosted = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8"))
    steps = [step.get("run", "") for job in hosted["jobs"].values() for step in job["steps"]]
    called = {target for step in steps for target in re.findall(r"make (\w+)", step)}
    targets = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert called == {"check", "test", "dist"}
    assert called <= targets
