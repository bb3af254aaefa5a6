"""VLLMEngine with a stand-in for vLLM: how it starts, and how its errors become `ModelError`s."""

import sys
from collections.abc import AsyncIterator
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from transfer_prompting.agents.models.base import ModelError
from transfer_prompting.agents.models.local.sources import ModelSource, WeightsLocation
from transfer_prompting.agents.models.vllm.engine import VLLMEngine


class VLLMClientError(Exception):
    """Stands for vLLM's error for a rejected request."""


class EngineDeadError(Exception):
    """Stands for vLLM's error after its process has died."""


class EngineGenerateError(Exception):
    """Stands for vLLM's error for a failed request."""


class AsyncLLM:
    """Stands for vLLM's engine: yields one output, or raises the next of `errors`."""

    started = 0
    errors: list[Exception]

    @classmethod
    def from_engine_args(cls, arguments: Any) -> "AsyncLLM":
        cls.started += 1
        if arguments.model == "broken":
            raise ValueError("Unsupported.\nDetails follow.")
        return cls()

    async def generate(self, prompt: Any, sampling: Any, number: str) -> AsyncIterator[Any]:
        if self.errors:
            raise self.errors.pop(0)
        yield SimpleNamespace(outputs=[prompt["prompt_token_ids"]])

    def shutdown(self) -> None: ...


@pytest.fixture(autouse=True)
def vllm(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put the stand-in in the place of vLLM."""
    monkeypatch.setattr(AsyncLLM, "started", 0)
    monkeypatch.setattr(AsyncLLM, "errors", [], raising=False)
    contents: dict[str, dict[str, Any]] = {
        "vllm.exceptions": {"VLLMClientError": VLLMClientError},
        "vllm.inputs": {"TokensPrompt": dict},
        "vllm.v1.engine.exceptions": {
            "EngineDeadError": EngineDeadError,
            "EngineGenerateError": EngineGenerateError,
        },
        "vllm.v1.engine.async_llm": {"AsyncLLM": AsyncLLM},
        "vllm.engine.arg_utils": {"AsyncEngineArgs": SimpleNamespace},
    }
    for name in ("vllm", "vllm.v1", "vllm.v1.engine", "vllm.engine", *contents):
        module = ModuleType(name)
        vars(module).update(contents.get(name, {}))
        monkeypatch.setitem(sys.modules, name, module)


def make_engine(name: str = "folder") -> VLLMEngine:
    """Return an engine that has not been started."""
    return VLLMEngine(ModelSource("label", lambda: WeightsLocation(name)), {"dtype": "auto"})


async def test_engine_starts_with_the_first_request() -> None:
    """The engine starts once, not before it is needed, and again after it was closed."""
    engine = make_engine()
    assert AsyncLLM.started == 0
    for _ in range(2):
        assert (await engine.generate([1, 2], None)).outputs == [[1, 2]]
    assert AsyncLLM.started == 1
    await engine.close()
    await engine.generate([1], None)
    assert AsyncLLM.started == 2


async def test_request_after_the_engine_has_died_starts_a_new_one() -> None:
    """A dead engine fails the request that meets it, and the next request starts another engine."""
    engine = make_engine()
    AsyncLLM.errors.append(EngineDeadError("Gone."))
    with pytest.raises(ModelError, match="died: Gone") as caught:
        await engine.generate([1], None)
    assert caught.value.cause == "crash"
    assert (await engine.generate([1], None)).outputs == [[1]]
    assert AsyncLLM.started == 2


@pytest.mark.parametrize(
    ("error", "cause", "retryable"),
    [
        (VLLMClientError("m"), "bad_request", False),
        (ValueError("m"), "bad_request", False),
        (EngineGenerateError("m"), "server_error", True),
    ],
)
async def test_errors_of_the_engine_have_causes(error: Exception, cause: str, retryable: bool) -> None:
    """A rejected request is not retryable, and a failed one is."""
    AsyncLLM.errors.append(error)
    with pytest.raises(ModelError) as caught:
        await make_engine().generate([1], None)
    assert (caught.value.cause, caught.value.retryable) == (cause, retryable)


async def test_model_that_vllm_cannot_run_is_named() -> None:
    """The error for a failed start names the model and quotes the first line of vLLM's message."""
    with pytest.raises(ModelError, match=r"can't run broken: Unsupported\. Correct"):
        await make_engine("broken").generate([1], None)
