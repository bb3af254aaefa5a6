"""`tp run` combines its configuration and its options before the run starts."""

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from transfer_prompting.orchestration.cli.run import run
from transfer_prompting.orchestration.config.settings import Config
from transfer_prompting.storage.errors import UnknownRun

CONFIG = """
[target]
task = "logic"
[search]
control = {control}
[models.scorer]
provider = "smollm2"
[models.reference]
provider = "smollm2"
"""


@pytest.mark.parametrize(
    ("written", "option", "control"),
    [("false", ["--control"], True), ("true", ["--no-control"], False), ("true", [], True)],
)
def test_control(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, written: str, option: list[str], control: bool
) -> None:
    """The option decides whether there is a control; without it the configuration decides."""
    seen: list[Config] = []

    async def start(config: Config, *_: Any, **__: Any) -> None:
        seen.append(config)
        raise UnknownRun("enough")

    monkeypatch.setattr("transfer_prompting.orchestration.cli.run.start", start)
    path = tmp_path / "run.toml"
    path.write_text(CONFIG.format(control=written))
    result = CliRunner().invoke(run, [str(path), *option])
    assert isinstance(result.exception, UnknownRun)
    assert [config.search.control for config in seen] == [control]


@pytest.mark.parametrize("log", ["postgresql:///db?schema=a", "postgresql://me@host/db", ":memory:a"])
def test_log_that_is_no_path(log: str) -> None:
    """A URL in a configuration keeps its slashes."""
    models = {role: {"provider": "smollm2"} for role in ("scorer", "reference")}
    config = Config.model_validate({"target": {"task": "logic"}, "models": models, "log": log})
    assert config.log == log
