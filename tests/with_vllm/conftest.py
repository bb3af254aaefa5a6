"""A real vLLM server on a free port, and the engine in this process; `make test-vllm` installs vLLM."""

import asyncio
import importlib.util
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from transfer_prompting.agents.models.base import ChatMessage, ModelRequest
from transfer_prompting.agents.models.local.smollm2 import embedded_gguf, ensure_converted

# Seconds that the server may take to start: minutes on a busy machine with two cores.
_START_TIMEOUT = 900
_SETTINGS = {"VLLM_CPU_KVCACHE_SPACE": "1", "HF_HUB_OFFLINE": "1", "VLLM_LOGGING_LEVEL": "WARNING"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip all tests of this folder, with the reason, if vLLM is not installed."""
    if importlib.util.find_spec("vllm") is None:
        for item in items:
            if Path(__file__).parent in item.path.parents:
                item.add_marker(pytest.mark.skip(reason="vllm is not installed here: run `make test-vllm`"))


def ask(text: str, system: str | None = None, **settings: Any) -> ModelRequest:
    """Return a request with one user message, after a system message if one is given."""
    before = () if system is None else (ChatMessage(role="system", content=system),)
    return ModelRequest(messages=(*before, ChatMessage(role="user", content=text)), **settings)


@pytest.fixture(name="ask")
def _ask() -> Any:
    return ask


@pytest.fixture(scope="session")
def folder() -> Path:
    """Return the embedded model as a folder of safetensors: vLLM's CPU build reads no GGUF files."""
    return ensure_converted(embedded_gguf())


@pytest.fixture(scope="session")
def reference(folder: Path) -> Iterator[Any]:
    """Return a model that runs the same weights on transformers, in float32."""
    from transfer_prompting.agents.models.local.model import TransformersModel

    model = TransformersModel(str(folder), dtype="float32", device="cpu")
    yield model
    asyncio.run(model.close())


@pytest.fixture(scope="session")
def server(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the base URL of vLLM's OpenAI-compatible server, which is stopped at the end."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = tmp_path_factory.mktemp("vllm") / "server.log"
    options = ["--served-model-name", "smollm2", "--host", "127.0.0.1", "--port", str(port)]
    options += ["--dtype", "float32", "--enforce-eager", "--max-model-len", "1024", "--block-size", "32"]
    options += ["--enable-prompt-tokens-details"]
    # `vllm serve` of the CPU build needs the metadata of a package named vllm, and crashes without it.
    command = [sys.executable, "-m", "vllm.entrypoints.openai.api_server", "--model", str(folder), *options]
    with log.open("w") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, env=os.environ | _SETTINGS)
    try:
        _wait(process, f"http://127.0.0.1:{port}/health", log)
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        process.terminate()
        process.wait(60)


def _wait(process: subprocess.Popen[bytes], health: str, log: Path) -> None:
    end = time.monotonic() + _START_TIMEOUT
    while time.monotonic() < end:
        if process.poll() is not None:
            break
        try:
            urllib.request.urlopen(health, timeout=5).close()
        except (urllib.error.URLError, OSError):
            time.sleep(1)
        else:
            return
    pytest.fail("vLLM's server did not start:\n" + "\n".join(log.read_text().splitlines()[-30:]))
