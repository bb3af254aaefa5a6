"""Roles are found by file, module and entry point; missing or changed ones are reported."""

import sys
from pathlib import Path
from typing import Any

import pytest
from role_making import CRITIC, HEAD, critical_reply, role_file, with_roles
from tiny_runs import begin, reenact, resume, scripted

from transfer_prompting.orchestration.config.role_settings import RoleSettings
from transfer_prompting.orchestration.config.settings import Config, read_config
from transfer_prompting.orchestration.errors import ConfigError, NotApproved, RoleChanged, RunStopped
from transfer_prompting.orchestration.runtime.assembly import models_for
from transfer_prompting.orchestration.runtime.role_loader import GROUP, load_roles
from transfer_prompting.orchestration.trust.consent import Consent

CONFIG = """
[target]
task = "support_routing"
[models.scorer]
provider = "smollm2"
[models.reference]
provider = "smollm2"
"""
PLAIN = """
class Plain(Reviewer):
    async def review(self, request: ReviewRequested) -> Veto | None:
        return VETO
"""


def load(**table: Any) -> Any:
    """Return the one role of a configuration with the table [roles.mine]."""
    [role] = load_roles({"mine": RoleSettings.model_validate(table)})
    return role


def test_a_file_beside_the_configuration(tmp_path: Path) -> None:
    """A path is relative to the configuration's folder, and the log records the location of the file."""
    role_file(tmp_path, PLAIN)
    path = tmp_path / "run.toml"
    path.write_text(CONFIG + '[roles.mine]\nuse = "mine.py:Plain"\n')
    config = read_config(path)
    assert config.roles["mine"].use == f"{tmp_path / 'mine.py'}:Plain"
    assert Config.model_validate(config.model_dump(mode="json")) == config
    [role] = load_roles(config.roles)
    assert role.make().name == "mine"
    assert role.version.startswith("sha256:")


def test_a_module_that_is_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A role is found by the name of its module and class."""
    (tmp_path / "roles_of_mine.py").write_text(HEAD + PLAIN)
    monkeypatch.syspath_prepend(tmp_path)
    assert load(use="roles_of_mine:Plain").cls.__name__ == "Plain"
    del sys.modules["roles_of_mine"]


def test_an_entry_point(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A package offers a role in one line, and the log records the version of the package."""
    (tmp_path / "offered.py").write_text(HEAD + PLAIN)
    info = tmp_path / "offered-1.2.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: offered\nVersion: 1.2\n")
    (info / "entry_points.txt").write_text(f"[{GROUP}]\nmine = offered:Plain\n")
    monkeypatch.syspath_prepend(tmp_path)
    assert load().cls.__name__ == "Plain"
    assert load().version.startswith("offered 1.2 sha256:")
    del sys.modules["offered"]


@pytest.mark.parametrize(
    ("table", "what"),
    [
        ({}, "no installed package offers a role 'mine'"),
        ({"use": "nowhere.py:Plain"}, r"nowhere\.py cannot be read: No such file"),
        ({"use": "no_such_module:Plain"}, "Install its package"),
        ({"use": "{file}:Other"}, "'Other' is not a role. The file holds Plain"),
        ({"use": "{file}:Veto"}, "'Veto' is not a role"),
        ({"use": "{file}:Plain", "size": 3}, "roles.mine: size = 3: there is no such key"),
        ({"use": "{broken}:Plain"}, r"broken\.py cannot be loaded: NameError"),
        ({"use": "{deaf}:Deaf"}, "Deaf handles no message"),
    ],
)
def test_invalid_roles(tmp_path: Path, table: dict[str, Any], what: str) -> None:
    """A missing or unusable role is refused; the error names its table and the remedy."""
    files = {
        "file": role_file(tmp_path, PLAIN),
        "broken": role_file(tmp_path, "undefined\n", "broken.py"),
        "deaf": role_file(tmp_path, "class Deaf(Role):\n    says = ()\n", "deaf.py"),
    }
    filled = {key: value.format(**files) if isinstance(value, str) else value for key, value in table.items()}
    with pytest.raises(ConfigError, match=what):
        load(**filled)


@pytest.mark.parametrize(
    ("tables", "what"),
    [
        ('[roles.curator]\nuse = "x"', r"\[roles.curator\]: a role cannot have this name"),
        ('[models.critc]\nprovider = "smollm2"', r"\[models.critc\]: there is no such role"),
    ],
)
def test_names_are_checked(tmp_path: Path, tables: str, what: str) -> None:
    """No role takes the name of a built-in one, and every model belongs to a role of the run."""
    path = tmp_path / "run.toml"
    path.write_text(CONFIG + tables)
    with pytest.raises(ConfigError, match=what):
        read_config(path)


def test_a_role_with_a_prompt_needs_a_model(tmp_path: Path) -> None:
    """A missing model is named before any call; if it is configured, the role has its own model."""
    with pytest.raises(ConfigError, match=r"roles.critic asks a model: describe it as \[models.critic\]"):
        models_for(with_roles(tmp_path, {"critic": CRITIC}))
    text = CONFIG + f'[roles.critic]\nuse = "{CRITIC["use"]}"\n[models.critic]\nprovider = "smollm2"\n'
    (tmp_path / "run.toml").write_text(text)
    assert set(models_for(read_config(tmp_path / "run.toml"))) == {"scorer", "reference", "critic"}


async def test_a_changed_role_is_named(tmp_path: Path) -> None:
    """Changed code must be approved again; a replay then names the role, its old version and its new one."""
    roles = {"mine": {"use": role_file(tmp_path, PLAIN.replace("VETO", "None")) + ":Plain"}}
    await begin(with_roles(tmp_path, roles), tmp_path, scripted())
    role_file(tmp_path, PLAIN.replace("VETO", 'Veto("no")'))
    with pytest.raises(NotApproved, match="has changed since"):
        await reenact(tmp_path)
    with pytest.raises(RoleChanged, match=r"role mine is sha256:\w+ and was sha256:\w+"):
        await reenact(tmp_path, Consent(trust=True))


async def test_a_role_that_says_the_same_may_change(tmp_path: Path) -> None:
    """A role may be fixed if its code still publishes the messages that are in the log."""
    roles = {"mine": {"use": role_file(tmp_path, PLAIN.replace("VETO", "1 / 0")) + ":Plain"}}
    with pytest.raises(RunStopped, match="mine/main raised ZeroDivisionError"):
        await begin(with_roles(tmp_path, roles), tmp_path, scripted())
    role_file(tmp_path, PLAIN.replace("VETO", "None"))
    events = await resume(with_roles(tmp_path, roles), tmp_path, scripted())
    assert events[-1].kind == "run.finished"


async def test_a_missing_role_is_named(tmp_path: Path) -> None:
    """A log whose role is missing is not replayed, and the error names the role."""
    roles = {"mine": {"use": role_file(tmp_path, PLAIN.replace("VETO", "None")) + ":Plain"}}
    await begin(with_roles(tmp_path, roles), tmp_path, scripted(critical_reply))
    (tmp_path / "mine.py").unlink()
    with pytest.raises(ConfigError, match=r"roles.mine: .*mine\.py cannot be read"):
        await reenact(tmp_path)
