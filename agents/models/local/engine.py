"""A loaded model that answers batches of requests."""

from collections.abc import Callable, Sequence
from typing import Any

from ..base import ModelError, ModelReply, ModelRequest
from .batching import ReplyOrError
from .encoding import Encoder, context_length
from .generation import GeneratedAnswer, generate
from .loading import choose_forward, load
from .scoring import Decoding, EncodedRequest
from .sources import ModelSource
from .workers import Workers

_OUT_OF_MEMORY_TEXTS = ("out of memory", "can't allocate memory", "not enough memory")

_Batch = Sequence[tuple[ModelRequest, EncodedRequest]]


class Engine:
    """A model's weights and tokeniser. Only one thread may use it at a time."""

    def __init__(self, source: ModelSource, device: str, dtype: str, threads: int) -> None:
        self._workers = Workers(threads, cpu=device == "cpu")
        self._model, self._tokenizer = load(source, device, dtype)
        self._encoder = Encoder(self._tokenizer, context_length(self._model))
        self._end_tokens = _end_tokens(self._model, self._tokenizer)
        self._forward = choose_forward(self._model, self._workers)

    def run(
        self, batch: Sequence[ModelRequest], wanted: Callable[[], bool] = lambda: True
    ) -> list[ReplyOrError]:
        """Return a reply or an error for each request. All requests of a batch are of one kind.

        A batch that does not fit into memory is halved until it does; a request that does not fit alone
        is an "out_of_memory" error. Raises `ModelError` if the whole batch fails, and `BatchAbandoned` once
        `wanted` returns False.
        """
        encoded = self._encoder.encode_all(batch)
        valid = [(r, e) for r, e in zip(batch, encoded, strict=True) if isinstance(e, EncodedRequest)]
        replies = iter(self._run_fitting(valid, wanted) if valid else ())
        return [next(replies) if isinstance(entry, EncodedRequest) else entry for entry in encoded]

    def close(self) -> None:
        """End the threads."""
        self._workers.close()

    def _run_fitting(self, batch: _Batch, wanted: Callable[[], bool]) -> list[ReplyOrError]:
        try:
            return list(self._run(batch, wanted))
        except (RuntimeError, MemoryError) as error:
            if not _is_out_of_memory(error):
                raise ModelError("server_error", f"PyTorch failed: {_first_line(error)}") from error
        # Outside the handler, whose traceback would keep the tensors that did not fit.
        self._forward.forget()
        if len(batch) == 1:
            return [_too_large(batch[0][1])]
        half = len(batch) // 2
        return self._run_fitting(batch[:half], wanted) + self._run_fitting(batch[half:], wanted)

    def _run(self, batch: _Batch, wanted: Callable[[], bool]) -> list[ModelReply]:
        first, encoded = batch[0][0], [tokens for _, tokens in batch]
        if first.options is None:
            return self._generate(batch, wanted)
        scores = self._forward.score(encoded)
        if first.lead is None:
            return [_scored_reply(*pair) for pair in zip(encoded, scores, strict=True)]
        # Scoring has just computed the prefix that the prompts share, and generation reuses it.
        answers = self._generate(batch, wanted)
        return [_with_scores(*row) for row in zip(answers, encoded, scores, strict=True)]

    def _generate(self, batch: _Batch, wanted: Callable[[], bool]) -> list[ModelReply]:
        answers = [
            GeneratedAnswer(request, tokens, self._text_of, self._end_tokens) for request, tokens in batch
        ]

        def decode(decoding: Decoding, rows: Sequence[int]) -> None:
            generate(decoding, [answers[row] for row in rows], wanted)

        self._forward.decode([tokens.prompt for _, tokens in batch], decode)
        return [answer.reply() for answer in answers]

    def _text_of(self, tokens: list[int]) -> str:
        return str(self._tokenizer.decode(tokens, skip_special_tokens=True))


def _scored_reply(encoded: EncodedRequest, logprobs: list[float]) -> ModelReply:
    return ModelReply(
        text="",
        finish="scored",
        prompt_tokens=len(encoded.prompt) + sum(map(len, encoded.options)),
        completion_tokens=0,
        option_logprobs=tuple(logprobs),
    )


def _with_scores(reply: ModelReply, encoded: EncodedRequest, logprobs: list[float]) -> ModelReply:
    """Return the reply to a request for an answer and for its options after the lead."""
    prompt_tokens = reply.prompt_tokens + sum(map(len, encoded.options))
    return reply.model_copy(update={"prompt_tokens": prompt_tokens, "option_logprobs": tuple(logprobs)})


def _end_tokens(model: Any, tokenizer: Any) -> frozenset[int]:
    configured = model.generation_config.eos_token_id
    tokens = configured if isinstance(configured, list) else [configured]
    return frozenset(int(token) for token in [*tokens, tokenizer.eos_token_id] if token is not None)


def _is_out_of_memory(error: RuntimeError | MemoryError) -> bool:
    return isinstance(error, MemoryError) or any(text in str(error) for text in _OUT_OF_MEMORY_TEXTS)


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or ["no message"])[0]


def _too_large(encoded: EncodedRequest) -> ModelError:
    return ModelError(
        "out_of_memory",
        f"A prompt of {len(encoded.prompt)} tokens does not fit into memory, even alone.",
        advice="Shorten it, use fewer demonstrations, or use a smaller model.",
    )
