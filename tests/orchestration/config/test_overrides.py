"""The settings that `--set` accepts and refuses."""

from pathlib import Path

import pytest
from tiny_runs import tiny_config

from transfer_prompting.orchestration.config.overrides import apply, parse
from transfer_prompting.orchestration.errors import ConfigError


def test_settings_are_read() -> None:
    """A value is TOML if it can be, else text; anything but key=value is refused."""
    assert parse(["a.b=0.5", "c = true", "d=hello world", 'e=["x"]']) == {
        "a.b": 0.5,
        "c": True,
        "d": "hello world",
        "e": ["x"],
    }
    with pytest.raises(ConfigError, match="key=value"):
        parse(["a.b"])


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("target.task", "first", "keeps the tasks"),
        ("tasks.first.description", "x", "keeps the tasks"),
        ("search.temprature", 1, "Did you mean temperature"),
        ("search.temperature", "hot", "search.temperature = 'hot'"),
        ("seed.x", 1, "seed is a value"),
    ],
)
def test_invalid_settings(tmp_path: Path, key: str, value: object, words: str) -> None:
    """A setting that is unknown, of the wrong type or fixed in the log is named by its key."""
    recorded = tiny_config(tmp_path).model_dump(mode="json", exclude={"log"})
    with pytest.raises(ConfigError, match=words):
        apply(recorded, {key: value})
