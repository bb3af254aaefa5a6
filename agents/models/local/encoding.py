"""Encoding of requests as tokens."""

import sys
from collections.abc import Callable, Sequence
from itertools import islice
from typing import Any, TypeVar

from jinja2 import TemplateError

from ..base import ModelError, ModelRequest
from .scoring import EncodedRequest
from .tokenising import Tokeniser

_Result = TypeVar("_Result")


class Encoder:
    """Encodes requests under a model's chat template, for contexts of up to `context_length` tokens."""

    def __init__(self, tokenizer: Any, context_length: int) -> None:
        self._tokenizer = tokenizer
        self._tokenise = Tokeniser(tokenizer)
        self._context_length = context_length

    def encode(self, request: ModelRequest) -> EncodedRequest:
        """Return the request's tokens.

        Raises `ModelError` if the template refuses the messages, an option is empty, or prompt and answer
        together exceed the context.
        """
        return self._encoded(request, self._tokenise(self._texts(request)))

    def encode_all(self, requests: Sequence[ModelRequest]) -> list[EncodedRequest | ModelError]:
        """Return the tokens of each request, or its `ModelError`."""
        texts = [_result_or_error(self._texts, request) for request in requests]
        # All texts in one call, which tokenizers spread over the cores.
        tokens = iter(self._tokenise([text for found in texts if isinstance(found, list) for text in found]))
        return [
            found
            if isinstance(found, ModelError)
            else _result_or_error(self._encoded, request, list(islice(tokens, len(found))))
            for request, found in zip(requests, texts, strict=True)
        ]

    def _texts(self, request: ModelRequest) -> list[str]:
        """Return the prompt, and the prompt with each option.

        Options are tokenised after the prompt: some tokenizers treat the beginning of a text differently.
        """
        prompt = self._render(request)
        return [prompt, *(prompt + option for option in _options(request))]

    def _encoded(self, request: ModelRequest, tokens: Sequence[list[int]]) -> EncodedRequest:
        prompt, *whole = tokens
        options = [self._option_tokens(prompt, *pair) for pair in zip(whole, _options(request), strict=True)]
        if not all(options):
            raise ModelError("bad_request", "An option holds no token.", advice="Give every option a text.")
        scored = options and request.lead is None
        self._check_length(prompt, max(map(len, options)) if scored else request.max_tokens)
        return EncodedRequest(prompt, options)

    def _render(self, request: ModelRequest) -> str:
        messages = [{**message.model_dump(), "content": message.text} for message in request.messages]
        try:
            rendered = self._tokenizer.apply_chat_template(
                messages, add_generation_prompt=True, tokenize=False
            )
        except TemplateError as error:
            raise ModelError(
                "bad_request",
                f"The model's chat template refuses the messages: {error}",
                advice="Some models take no system message.",
            ) from error
        return str(rendered)

    def _check_length(self, prompt: Sequence[int], answer: int) -> None:
        if len(prompt) + answer > self._context_length:
            raise ModelError(
                "context_length",
                f"The prompt's {len(prompt)} tokens and an answer of up to {answer} exceed the model's "
                f"{self._context_length}.",
                advice="Shorten the prompt, use fewer demonstrations, or lower max_tokens.",
            )

    def _option_tokens(self, prompt: list[int], whole: list[int], option: str) -> list[int]:
        """Return the tokens of `whole` after `prompt`, or the option's own if a token spans both."""
        if whole[: len(prompt)] == prompt:
            return whole[len(prompt) :]
        return self._tokenise([option])[0]


def context_length(model: Any) -> int:
    """Return the most tokens that a loaded model can read."""
    return getattr(model.config, "max_position_embeddings", None) or sys.maxsize


def _options(request: ModelRequest) -> Sequence[str]:
    options = request.options or ()
    return options if request.lead is None else [f"{request.lead} {option}" for option in options]


def _result_or_error(compute: Callable[..., _Result], *given: Any) -> _Result | ModelError:
    try:
        return compute(*given)
    except ModelError as error:
        return error
