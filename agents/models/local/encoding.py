"""Encoding of requests as tokens."""

from typing import Any

from jinja2 import TemplateError

from ..base import ModelError, ModelRequest
from .scoring import EncodedRequest


def encode(request: ModelRequest, tokenizer: Any, context_length: int) -> EncodedRequest:
    """Return the request's tokens under the model's chat template.

    Raises `ModelError` if the template refuses the messages, an option is empty, or prompt and answer
    together exceed `context_length` tokens.
    """
    text = _render(request, tokenizer)
    options = request.options or ()
    if request.lead is not None:
        options = tuple(f"{request.lead} {option}" for option in options)
    # Options are tokenised after the prompt: some tokenisers treat the beginning of a text differently.
    prompt, *whole = _tokenise(tokenizer, [text, *(text + option for option in options)])
    encoded = EncodedRequest(
        prompt, [_option_tokens(tokenizer, prompt, *pair) for pair in zip(whole, options, strict=True)]
    )
    if not all(encoded.options):
        raise ModelError("bad_request", "An option holds no token.", advice="Give every option a text.")
    scored = encoded.options and request.lead is None
    answer = max(map(len, encoded.options)) if scored else request.max_tokens
    if len(prompt) + answer > context_length:
        raise ModelError(
            "context_length",
            f"The prompt's {len(prompt)} tokens and an answer of up to {answer} exceed the model's "
            f"{context_length}.",
            advice="Shorten the prompt, use fewer demonstrations, or lower max_tokens.",
        )
    return encoded


def _render(request: ModelRequest, tokenizer: Any) -> str:
    messages = [{**message.model_dump(), "content": message.text} for message in request.messages]
    try:
        return str(tokenizer.apply_chat_template(messages, add_generation_prompt=True, tokenize=False))
    except TemplateError as error:
        raise ModelError(
            "bad_request",
            f"The model's chat template refuses the messages: {error}",
            advice="Some models take no system message.",
        ) from error


def _tokenise(tokenizer: Any, texts: list[str]) -> list[list[int]]:
    # The template has already added the special tokens.
    return [list(ids) for ids in tokenizer(texts, add_special_tokens=False)["input_ids"]]


def _option_tokens(tokenizer: Any, prompt: list[int], whole: list[int], option: str) -> list[int]:
    """Return the tokens of `whole` after `prompt`, or the option's own if a token spans both."""
    if whole[: len(prompt)] == prompt:
        return whole[len(prompt) :]
    return _tokenise(tokenizer, [option])[0]
