"""A model that vLLM runs for this program, in a separate process."""

import asyncio
import importlib.util
from typing import Any

from ..base import Finish, ModelError, ModelReply, ModelRequest, refuse_images
from ..local.encoding import Encoder
from ..local.scoring import EncodedRequest
from ..local.sources import ModelNotInstalled, source_of
from ..tokenised import TokenisedModel
from .engine import VLLMEngine
from .option_scoring import MAX_CONTEXTS, contexts_of, prompts_of, sums_of, sums_of_prompts

_FINISHES: dict[str | None, Finish] = {"stop": "stop", "length": "length"}


class VLLMModel(TokenisedModel):
    """Runs a causal language model with a chat template on vLLM's asynchronous engine.

    `model` is a folder in transformers' format or a hub name. The engine, with prefix caching, starts with
    the first request and schedules all requests in flight together. `engine` holds further arguments of
    vLLM's `AsyncEngineArgs`. Replies depend slightly on the requests in the same batch: vLLM's batches are
    not reproducible to the last bit.

    Raises `ModelNotInstalled` if vLLM is missing, and `ModelError` for a folder that holds no model.
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
        self._encoder: Encoder | None = None
        self._engine = VLLMEngine(self._source, {"dtype": dtype, "enable_prefix_caching": True, **engine})

    @property
    def identity(self) -> str:
        """Label of the weights and dtype."""
        return f"vllm:{self._source.label.partition(':')[2]}:{self._dtype}"

    async def reply(self, request: ModelRequest) -> ModelReply:
        """Score the options or generate an answer. Raises `ModelError`."""
        refuse_images(request, "A model on vLLM's engine in this program")
        engine = await self._engine.start()
        if self._encoder is None:
            self._encoder = Encoder(engine.get_tokenizer(), int(engine.model_config.max_model_len))
        encoded = self._encoder.encode(request)
        if request.options is not None and request.lead is None:
            return await self._score(encoded)
        answer = _reply_of(await self._engine.generate(encoded.prompt, _sampling(request)))
        if request.options is None:
            return answer
        scores = await self._score(encoded)
        return answer.model_copy(
            update={
                "prompt_tokens": answer.prompt_tokens + scores.prompt_tokens,
                "cached_tokens": answer.cached_tokens + scores.cached_tokens,
                "option_logprobs": scores.option_logprobs,
            }
        )

    async def close(self) -> None:
        """End the engine's process."""
        await self._engine.close()

    def _load_tokenizer(self) -> Any:
        return self._engine.load_tokenizer()

    def _prompt_tokens(self, encoded: EncodedRequest, *, generates: bool) -> int:
        scored = prompts_of(encoded) if encoded.options else []
        return sum(map(len, scored)) + len(encoded.prompt) * generates

    async def _score(self, encoded: EncodedRequest) -> ModelReply:
        """Return the sums of log-probabilities of the options.

        With few contexts, one request for each asks for the tokens that may follow, and finds the prompt in
        the prefix cache. Otherwise each option is read with the prompt, which vLLM does without that cache.
        """
        from vllm import SamplingParams

        prompts, contexts = prompts_of(encoded), contexts_of(encoded.options)
        if len(contexts) <= MAX_CONTEXTS:
            samplings = [
                SamplingParams(
                    max_tokens=1, temperature=0, detokenize=False, logprob_token_ids=sorted(following)
                )
                for following in contexts.values()
            ]
            outputs = await self._generate_all(prompts, samplings)
            sums = sums_of(encoded.options, dict(zip(contexts, outputs, strict=True)))
        else:
            sampling = SamplingParams(max_tokens=1, temperature=0, detokenize=False, prompt_logprobs=0)
            outputs = await self._generate_all(prompts, [sampling] * len(prompts))
            sums = sums_of_prompts(encoded, outputs)
        return ModelReply(
            text="",
            finish="scored",
            prompt_tokens=sum(len(output.prompt_token_ids) for output in outputs),
            completion_tokens=0,
            cached_tokens=sum(output.num_cached_tokens or 0 for output in outputs),
            option_logprobs=tuple(sums),
        )

    async def _generate_all(self, prompts: list[list[int]], samplings: list[Any]) -> list[Any]:
        """Send the first prompt alone, so that the others find their common prefix in the cache."""
        first = await self._engine.generate(prompts[0], samplings[0])
        pairs = zip(prompts[1:], samplings[1:], strict=True)
        return [first, *await asyncio.gather(*(self._engine.generate(*pair) for pair in pairs))]


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


def _reply_of(output: Any) -> ModelReply:
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
