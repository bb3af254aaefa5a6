"""vLLM's asynchronous engine: its start, its requests, and its errors as `ModelError`s."""

import asyncio
import os
from itertools import count
from typing import Any

from ..base import ModelError
from ..local.sources import ModelSource


class VLLMEngine:
    """Starts vLLM's engine with the first request and restarts it after it has died.

    `arguments` are those of vLLM's `AsyncEngineArgs`, without the model and its revision.
    """

    def __init__(self, source: ModelSource, arguments: dict[str, Any]) -> None:
        self._source = source
        self._arguments = arguments
        self._engine: Any = None
        self._starting = asyncio.Lock()
        self._numbers = count()

    async def start(self) -> Any:
        """Return vLLM's running engine, and start it first if necessary. Raises `ModelError`."""
        async with self._starting:
            if self._engine is None:
                self._engine = await asyncio.to_thread(self._new_engine)
            return self._engine

    async def generate(self, tokens: list[int], sampling: Any) -> Any:
        """Return the finished output for a prompt of tokens. Raises `ModelError`.

        `sampling` is vLLM's `SamplingParams`.
        """
        from vllm.exceptions import VLLMClientError
        from vllm.inputs import TokensPrompt
        from vllm.v1.engine.exceptions import EngineDeadError, EngineGenerateError

        engine, output = await self.start(), None
        try:
            prompt = TokensPrompt(prompt_token_ids=tokens)
            async for latest in engine.generate(prompt, sampling, f"request-{next(self._numbers)}"):
                output = latest
        except (VLLMClientError, ValueError) as error:
            raise ModelError("bad_request", f"vLLM refuses the request: {_first_line(error)}") from error
        except EngineDeadError as error:
            if self._engine is engine:
                self._engine = None
            raise ModelError("crash", f"vLLM's engine died: {_first_line(error)}") from error
        except EngineGenerateError as error:
            raise ModelError("server_error", f"vLLM failed: {_first_line(error)}", retryable=True) from error
        if output is None or not output.outputs:
            raise ModelError("malformed_reply", "vLLM gave no output.", retryable=True)
        return output

    def load_tokenizer(self) -> Any:
        """Return the engine's tokenizer, which is not always the one that transformers would choose."""
        from vllm.tokenizers.registry import cached_tokenizer_from_config

        return cached_tokenizer_from_config(self._engine_arguments().create_model_config())

    async def close(self) -> None:
        """End the engine's process."""
        if self._engine is not None:
            engine, self._engine = self._engine, None
            await asyncio.to_thread(engine.shutdown)

    def _new_engine(self) -> Any:
        # The screen belongs to the program's own display.
        os.environ.setdefault("VLLM_LOGGING_LEVEL", "ERROR")
        from vllm.v1.engine.async_llm import AsyncLLM

        try:
            return AsyncLLM.from_engine_args(self._engine_arguments())
        except (OSError, ValueError, RuntimeError) as error:
            raise ModelError(
                "bad_request",
                f"vLLM can't run {self._source.locate().name}: {_first_line(error)}",
                advice="Correct `model` in [models.NAME]; vLLM's own messages are above.",
            ) from error

    def _engine_arguments(self) -> Any:
        from vllm.engine.arg_utils import AsyncEngineArgs

        location = self._source.locate()
        return AsyncEngineArgs(model=location.name, revision=location.revision, **self._arguments)


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
