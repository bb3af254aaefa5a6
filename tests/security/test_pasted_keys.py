"""A key that was pasted into a configuration is refused, and neither shown nor stored."""

from pathlib import Path

import pytest
from program_calls import Tp
from pydantic import ValidationError

from transfer_prompting import Run
from transfer_prompting.orchestration.config.role_settings import RoleSettings
from transfer_prompting.orchestration.config.settings import RECORDED, Config
from transfer_prompting.orchestration.errors import ConfigError
from transfer_prompting.prompts.secret_values import is_variable_name

KEY = "sk-proj-4fZq81Lm20xPa9"
MODEL = 'provider = "openai"\nmodel = "m"\nbase_url = "http://127.0.0.1:9/v1"\n'


@pytest.mark.parametrize(
    "line",
    [
        f'api_key = "{KEY}"',
        'api_key = "hunter2"',
        'token = "hunter2"',
        'foo = "hunter2"',
        f'headers = ["Bearer {KEY}"]',
        f'api_key_env = "{KEY}"',
        'api_key_env = "gsk_hunter2XYZ12"',
        f'timeout = "{KEY}"',
        f'server = "{KEY}"',
        f'"{KEY}" = 1',
    ],
)
def test_the_program(tp: Tp, here: Path, line: str) -> None:
    """The error names the key and does not repeat its value; else a terminal or a CI log keeps it."""
    text = f'[target]\ntask = "support_routing"\n[models.scorer]\n{MODEL}{line}\n[models.reference]\n{MODEL}'
    (here / "run.toml").write_text(text)
    ended = tp("run", "run.toml")
    assert ended.status == 2
    assert "models.scorer" in ended.err
    for secret in (KEY, "hunter2"):
        assert secret not in ended.out + ended.err
    assert [path.name for path in here.iterdir()] == ["run.toml"]


def test_the_python_api() -> None:
    """The error and the one that caused it hold no value; else a traceback in a notebook shows the key."""
    with pytest.raises(ConfigError) as caught:
        Run("support_routing", scorer={"provider": "smollm2", "api_key": KEY})
    cause = caught.value.__cause__
    assert isinstance(cause, ValidationError)
    assert KEY not in f"{caught.value} {cause}"


@pytest.mark.parametrize("name", ["api_key", "password", "my_api_key"])
def test_settings_of_a_role(name: str) -> None:
    """A secret among the settings of a role is refused; else every log and export of the run holds it."""
    with pytest.raises(ValidationError, match="would be stored") as caught:
        RoleSettings.model_validate({"use": "a.py:A", name: "hunter2"})
    assert "hunter2" not in str(caught.value.errors()[0]["msg"])


def test_a_log_of_an_earlier_version() -> None:
    """A log that holds such a setting can still be read; else a run would be lost to its owner."""
    written = {
        "target": {"task": "t"},
        "models": {name: {"provider": "smollm2", "api_key_env": KEY} for name in ("scorer", "reference")},
        "roles": {"mine": {"use": "a.py:A", "api_key": "x"}},
    }
    assert Config.model_validate(written, context=RECORDED).roles["mine"].own == {"api_key": "x"}


@pytest.mark.parametrize(
    ("text", "is_name"),
    [
        ("OPENAI_API_KEY", True),
        ("MY_COMPANY_OPENAI_API_KEY_2", True),
        ("key", True),
        ("_X1", True),
        ("sk-abc", False),
        ("hf_AbCd1234EfGh", False),
        ("AKIA4FZQ81LM20XPABCD", False),
        ("a94a8fe5ccb19ba61c4c0873d391e987", False),
        ("2X", False),
        ("A B", False),
        ("Schlüssel", False),
    ],
)
def test_names_of_variables(text: str, is_name: bool) -> None:
    """A name of a variable is told from a key; else a key would be stored, or a name refused."""
    assert is_variable_name(text) is is_name
