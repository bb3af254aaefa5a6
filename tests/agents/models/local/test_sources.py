"""Location of weights, and labels that depend on their content."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transfer_prompting.agents.models.base import ModelError
from transfer_prompting.agents.models.local.sources import WeightsLocation, digest_of, source_of


def make_folder(path: Path, weights: bytes = b"w" * 100_000) -> Path:
    """Write a folder that looks like a model's, and return it."""
    path.mkdir(parents=True)
    (path / "config.json").write_text("{}")
    (path / "model.safetensors").write_bytes(weights)
    return path


def test_label_depends_on_content_and_not_location(tmp_path: Path) -> None:
    """The same files in another folder have the same label."""
    one, two = make_folder(tmp_path / "a" / "m"), make_folder(tmp_path / "b" / "m")
    assert source_of(str(one)).label == source_of(str(two)).label
    assert str(tmp_path) not in source_of(str(one)).label


def test_fine_tuned_weights_have_another_label(tmp_path: Path) -> None:
    """Weights of the same shape with other values have another label."""
    base = make_folder(tmp_path / "a" / "m", b"\0" * 1_000_000)
    tuned = make_folder(tmp_path / "b" / "m", b"\0" * 5_000 + b"\1" * 995_000)
    assert source_of(str(base)).label != source_of(str(tuned)).label


@pytest.mark.parametrize("file", ["config.json", "tokenizer.json", "chat_template.jinja", "model.gguf"])
def test_every_file_that_decides_answers_enters_the_label(tmp_path: Path, file: str) -> None:
    """The label depends on configuration, tokeniser, chat template and weights."""
    folder = make_folder(tmp_path / "m")
    before = source_of(str(folder)).label
    (folder / file).write_text('{"x": 1}')
    assert source_of(str(folder)).label != before


@given(content=st.binary(min_size=1, max_size=5000), index=st.integers(min_value=0))
def test_any_changed_byte_of_a_small_file_changes_the_digest(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, index: int
) -> None:
    """A small file is read completely, so its digest changes with any byte."""
    file = tmp_path_factory.mktemp("digest") / "file"
    file.write_bytes(content)
    before = digest_of([file])
    changed = bytearray(content)
    changed[index % len(content)] ^= 1
    file.write_bytes(changed)
    assert digest_of([file]) != before


def test_gguf_file_is_located_in_its_folder(tmp_path: Path) -> None:
    """The location of a GGUF file is its folder and its name."""
    file = tmp_path / "m.gguf"
    file.write_bytes(b"x")
    source = source_of(str(file))
    assert source.locate() == WeightsLocation(str(tmp_path), gguf_file="m.gguf")
    assert source.label.startswith("transformers:m.gguf@")


@pytest.mark.parametrize(("revision", "shown"), [("abc", "abc"), (None, "main")])
def test_hub_name_is_labelled_by_its_revision(revision: str | None, shown: str) -> None:
    """A name that is not a path is a hub name, with the given revision."""
    source = source_of("org/name", revision)
    assert source.label == f"transformers:org/name@{shown}"
    assert source.locate() == WeightsLocation("org/name", revision=revision)


@pytest.mark.parametrize("name", ["./absent", "~/absent-model", "/absent/model", "absent.gguf"])
def test_path_without_a_model_is_no_hub_name(name: str) -> None:
    """A name that can only be a path is refused immediately if it does not exist."""
    with pytest.raises(ModelError, match="no model at") as caught:
        source_of(name)
    assert caught.value.cause == "bad_request"


def test_folder_without_configuration_is_refused(tmp_path: Path) -> None:
    """A folder without config.json is refused immediately."""
    with pytest.raises(ModelError, match=r"no config\.json"):
        source_of(str(tmp_path))
