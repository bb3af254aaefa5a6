"""Models as a person names them on the command line."""

from pathlib import Path
from typing import Any

import pytest

from transfer_prompting.orchestration.config.model_names import read_model
from transfer_prompting.orchestration.errors import ConfigError

OPENAI = {"provider": "openai", "base_url": "https://api.openai.com/v1"}


@pytest.mark.parametrize(
    ("text", "settings"),
    [
        ("gpt-4o-mini", {**OPENAI, "model": "gpt-4o-mini"}),
        ("openai/gpt-4o", {**OPENAI, "model": "gpt-4o"}),
        ("smollm2", {"provider": "smollm2"}),
        ("transformers/org/name", {"provider": "transformers", "model": "org/name"}),
        ("dspy/openai/gpt-4o", {"provider": "dspy", "model": "openai/gpt-4o"}),
        ("weights/small.gguf", {"provider": "transformers", "model": "weights/small.gguf"}),
    ],
)
def test_names(text: str, settings: dict[str, Any]) -> None:
    """A name alone is a model of OpenAI; a provider before a slash, or an ending, says otherwise."""
    assert read_model(text, "--model") == settings


def test_a_server() -> None:
    """With the address of a server the whole text is the name of its model."""
    assert read_model("org/name", "--model", "http://127.0.0.1:8000/v1") == {
        "provider": "openai",
        "model": "org/name",
        "base_url": "http://127.0.0.1:8000/v1",
    }


def test_folders_and_files(tmp_path: Path) -> None:
    """A folder is a local model, and a file is TOML with the table of a model."""
    assert read_model(str(tmp_path), "--model") == {"provider": "transformers", "model": str(tmp_path)}
    (tmp_path / "c.toml").write_text('[models.scorer]\nprovider = "human"\n')
    assert read_model(str(tmp_path / "c.toml"), "--model") == {"provider": "human"}


@pytest.mark.parametrize("text", ["models = 3", "[models]\nscorer = 3", "[models.reference]"])
def test_a_file_without_a_model(tmp_path: Path, text: str) -> None:
    """A file whose table is missing or no table is an error that names the file."""
    (tmp_path / "c.toml").write_text(text)
    with pytest.raises(ConfigError, match=r"--model .*c\.toml: the file has no table \[models\.scorer\]"):
        read_model(str(tmp_path / "c.toml"), "--model")


@pytest.mark.parametrize("text", ["", "transformers", "martian/x", "openai/"])
def test_no_model(text: str) -> None:
    """A text that names no model is an error that names the option."""
    with pytest.raises(ConfigError, match=r"^--model"):
        read_model(text, "--model")
