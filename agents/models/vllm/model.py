"""A model that vLLM runs inside this program, in a process of its own."""

import asyncio
import importlib.util
import os
from itertools import count
from typing import Any

from ..base import Finish, ModelError, ModelReply, ModelRequest
from ..local.encoding import encode
from ..local.scoring import EncodedRequest
from ..local.sources import ModelNotInstalled, source_of
from ..tokenised import TokenisedModel
from .option_scoring import SENT_TOGETHER, contexts_of, prompts_of, sums_of, sums_of_prompts

_FINISHES: dict[str | None, Finish] = {"stop": "stop", "length": "length"}


class VLLMModel(TokenisedModel):
    """Runs a causal language model with a chat template on vLLM's asynchronous engine.

    `model` is a folder in the format of transformers or a name at the hub. The engine, with prefix
    caching, starts at the first request and schedules all requests under way together. `engine` holds
    further arguments of vLLM's `AsyncEngineArgs`. Replies depend a little on what runs beside them:
    vLLM's batches are not reproducible to the last bit.

    Raises `ModelNotInstalled` if vLLM is absent, and `ModelError` for a folder that holds no model.
    """

    def __init__(
        self, model: str, *, revision: str | None = None, dtype: str = "auto", **engine: Any
    ) -> None:
        if importlib.util.find_spec("vllm") is None:
            raise ModelNotInstalled("Package vllm", "pip install 'transfer-prompting[vllm]'")
        if model.endswith(".gguf"):
            raise ModelError(
                "not_supported",
                "vLLM does not run .gguf files.",
                advice='Name a folder, or use provider = "transformers".',
            )
        super().__init__(source_of(model, revision))
        self._dtype = dtype
        self._arguments = {"enable_prefix_caching": True, **engine}
        self._engine: Any = None
        self._starting = asyncio.Lock()
        self._numbers = count()

    @property
    def identity(self) -> str:
        return f"vllm:{self._source.label.partition(':')[2]}:{self._dtype}"

    async def reply(self, request: ModelRequest) -> ModelReply:
        """Score the options or generate an answer; raise `ModelError`."""
        engine = await self._started()
        tokenizer = engine.get_tokenizer()
        encoded = encode(request, tokenizer, int(engine.model_config.max_model_len))
        if request.options is None:
            return _written(await self._ask(encoded.prompt, _sampling(request)))
        if request.lead is None:
            return await self._scored(encoded)
        written = _written(await self._ask(encoded.prompt, _sampling(request)))
        scored = await self._scored(encoded)
        return written.model_copy(
            update={
                "prompt_tokens": written.prompt_tokens + scored.prompt_tokens,
                "cached_tokens": written.cached_tokens + scored.cached_tokens,
                "option_logprobs": scored.option_logprobs,
            }
        )

    async def close(self) -> None:
        """End the engine's process."""
        if self._engine is not None:
            engine, self._engine = self._engine, None
            await asyncio.to_thread(engine.shutdown)

    async def _started(self) -> Any:
        async with self._starting:
            if self._engine is None:
                self._engine = await asyncio.to_thread(self._start)
            return self._engine

    def _start(self) -> Any:
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

        located = self._source.locate()
        return AsyncEngineArgs(
            model=located.name, revision=located.revision, dtype=self._dtype, **self._arguments
        )

    def _load_tokenizer(self) -> Any:
        # The engine's, which is not always the one that transformers would choose.
        from vllm.tokenizers.registry import cached_tokenizer_from_config

        return cached_tokenizer_from_config(self._engine_arguments().create_model_config())

    def _prompt_tokens(self, encoded: EncodedRequest, *, generates: bool) -> int:
        rated = prompts_of(encoded) if encoded.options else []
        return sum(map(len, rated)) + len(encoded.prompt) * generates

    async def _ask(self, tokens: list[int], sampling: Any) -> Any:
        """Return the finished output for a prompt of tokens."""
        from vllm.exceptions import VLLMClientError
        from vllm.inputs import TokensPrompt
        from vllm.v1.engine.exceptions import EngineDeadError, EngineGenerateError

        output = None
        try:
            prompt = TokensPrompt(prompt_token_ids=tokens)
            async for latest in self._engine.generate(prompt, sampling, f"request-{next(self._numbers)}"):
                output = latest
        except (VLLMClientError, ValueError) as error:
            raise ModelError("bad_request", f"vLLM refuses the request: {_first_line(error)}") from error
        except EngineDeadError as error:
            self._engine = None
            raise ModelError("crash", f"vLLM's engine died: {_first_line(error)}") from error
        except EngineGenerateError as error:
            raise ModelError("server_error", f"vLLM failed: {_first_line(error)}", retryable=True) from error
        if output is None or not output.outputs:
            raise ModelError("malformed_reply", "vLLM gave no output.", retryable=True)
        return output

    async def _scored(self, encoded: EncodedRequest) -> ModelReply:
        """Return the sums of log-probabilities of the options.

        Few contexts are asked one by one for the tokens that may follow: the prompt is then found in
        the prefix cache. Long options are read with the prompt, which vLLM does without that cache.
        """
        from vllm import SamplingParams

        prompts, contexts = prompts_of(encoded), contexts_of(encoded.options)
        if len(contexts) <= SENT_TOGETHER:
            asked = [
                SamplingParams(
                    max_tokens=1, temperature=0, detokenize=False, logprob_token_ids=sorted(following)
                )
                for following in contexts.values()
            ]
            outputs = await self._gathered(prompts, asked)
            sums = sums_of(encoded.options, dict(zip(contexts, outputs, strict=True)))
        else:
            sampling = SamplingParams(max_tokens=1, temperature=0, detokenize=False, prompt_logprobs=0)
            outputs = await self._gathered(prompts, [sampling] * len(prompts))
            sums = sums_of_prompts(encoded, outputs)
        return ModelReply(
            text="",
            finish="scored",
            prompt_tokens=sum(len(output.prompt_token_ids) for output in outputs),
            completion_tokens=0,
            cached_tokens=sum(output.num_cached_tokens or 0 for output in outputs),
            option_logprobs=tuple(sums),
        )

    async def _gathered(self, prompts: list[list[int]], samplings: list[Any]) -> list[Any]:
        """Ask the first alone, so that the others find what they share with it in the cache."""
        first = await self._ask(prompts[0], samplings[0])
        pairs = zip(prompts[1:], samplings[1:], strict=True)
        return [first, *await asyncio.gather(*(self._ask(*pair) for pair in pairs))]


def _sampling(request: ModelRequest) -> Any:
    from vllm import SamplingParams
    from vllm.sampling_params import RequestOutputKind, StructuredOutputsParams

    schema = request.json_schema
    return SamplingParams(
        max_tokens=request.max_tokens,
        temperature=request.temperature,
        seed=request.seed,
        stop=list(request.stop),
        structured_outputs=None if schema is None else StructuredOutputsParams(json=schema),
        output_kind=RequestOutputKind.FINAL_ONLY,
    )


def _written(output: Any) -> ModelReply:
    answer = output.outputs[0]
    if answer.finish_reason not in _FINISHES:
        raise ModelError(
            "malformed_reply", f"vLLM ended the answer by {answer.finish_reason!r}.", retryable=True
        )
    return ModelReply(
        text=answer.text,
        finish=_FINISHES[answer.finish_reason],
        prompt_tokens=len(output.prompt_token_ids),
        completion_tokens=len(answer.token_ids),
        cached_tokens=output.num_cached_tokens or 0,
    )


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
