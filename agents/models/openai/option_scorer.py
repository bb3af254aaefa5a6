"""Log-likelihoods of given answers, for servers that extend OpenAI's protocol.

llama.cpp: a grammar forces the answer token by token, and the server reports the log-probabilities before
the grammar is applied. The prompt is computed once and then found in the slot's cache. vLLM: the answer is
the last message, which the server leaves open, and the server reports the prompt's log-probabilities.
"""

from collections.abc import Awaitable, Callable
from math import isfinite
from typing import Any, Literal

from ..base import ModelError, ModelReply, ModelRequest, TokenCount
from ..token_bounds import IMAGE_TOKENS, option_bound, prompt_bound
from .errors import failure
from .replies import first, get, token_count
from .requests import messages_of
from .usage import read_usage

Server = Literal["openai", "llama.cpp", "vllm"]
Send = Callable[[str, dict[str, Any], bool], Awaitable[Any]]
"""Posts (path, body, path starts at the server's root) and returns the parsed reply."""
_CHAT = "/chat/completions"
Scored = tuple[float, tuple[int, int, int]]
"""Log-probability of an option, and the prompt, completion and cached tokens of its request."""


class OptionScorer:
    """Scores the options of requests to one model."""

    def __init__(self, server: Server, model: str, image_tokens: int = IMAGE_TOKENS) -> None:
        self._model = model
        self._image_tokens = image_tokens
        self._scores = self._by_grammar if server == "llama.cpp" else self._by_prompt
        self._tokens: dict[str, tuple[int, ...]] = {}

    async def score(self, request: ModelRequest, send: Send) -> ModelReply:
        """Return the sums of log-probabilities (nats) of the options' tokens, in the options' order.

        The options are sent one after the other, so that the later ones find the prompt in the server's
        cache. Token counts are sums over all requests. Raises `ModelError`.
        """
        scored = await self._scores(request, _noting_costs(send))
        prompt, completion, cached = (sum(column) for column in zip(*(c for _, c in scored), strict=True))
        return ModelReply(
            text="",
            finish="scored",
            prompt_tokens=prompt,
            completion_tokens=completion,
            cached_tokens=cached,
            option_logprobs=tuple(logprob for logprob, _ in scored),
        )

    def count(self, request: ModelRequest) -> TokenCount:
        """Return an upper bound for all requests: each holds the prompt and one option."""
        options = [option_bound(option) for option in request.options or ()]
        prompt = prompt_bound(request, self._image_tokens) * len(options)
        if self._scores == self._by_grammar:
            return TokenCount(prompt, sum(options))
        return TokenCount(prompt + sum(options), len(options))

    async def _by_grammar(self, request: ModelRequest, send: Send) -> list[Scored]:
        return [await self._generate(request, option, send) for option in request.options or ()]

    async def _generate(self, request: ModelRequest, option: str, send: Send) -> Scored:
        tokens = await self._tokens_of(option, send)
        body = {
            "model": self._model,
            "messages": messages_of(request),
            "max_tokens": len(tokens),
            "temperature": 0,
            "grammar": "root ::= " + " ".join(f"<[{token}]>" for token in tokens),
            "logprobs": True,
            "top_logprobs": 1,
            "cache_prompt": True,
        }
        data = await send(_CHAT, body, False)
        steps = get(get(first(get(data, "choices"), "choices[0]"), "logprobs"), "content")
        if not isinstance(steps, list) or tuple(get(step, "id") for step in steps) != tokens:
            raise failure("malformed_reply", f"The server did not keep to the grammar of {option!r}.")
        return sum(_number(get(step, "logprob")) for step in steps), _counts(data, request)

    async def _by_prompt(self, request: ModelRequest, send: Send) -> list[Scored]:
        body = {"model": self._model, "messages": messages_of(request), "add_generation_prompt": True}
        prompt_length = token_count(await send("/tokenize", body, True), "count")
        return [await self._read(request, prompt_length, option, send) for option in request.options or ()]

    async def _read(self, request: ModelRequest, prompt_length: int, option: str, send: Send) -> Scored:
        body = {
            "model": self._model,
            "messages": [*messages_of(request), {"role": "assistant", "content": option}],
            "add_generation_prompt": False,
            "continue_final_message": True,
            "prompt_logprobs": 0,
            "max_tokens": 1,
            "temperature": 0,
        }
        data = await send(_CHAT, body, False)
        steps = get(data, "prompt_logprobs")
        if not isinstance(steps, list) or len(steps) <= prompt_length:
            raise failure("malformed_reply", "The server gave no log-probabilities of the prompt's end.")
        return sum(_logprob_of_actual(step) for step in steps[prompt_length:]), _counts(data, request)

    async def _tokens_of(self, option: str, send: Send) -> tuple[int, ...]:
        if option not in self._tokens:
            tokens = get(await send("/tokenize", {"content": option}, True), "tokens")
            if not isinstance(tokens, list) or not all(type(token) is int for token in tokens) or not tokens:
                raise failure("malformed_reply", f"The server could not tell the tokens of {option!r}.")
            self._tokens[option] = tuple(tokens)
        return self._tokens[option]


def _noting_costs(send: Send) -> Send:
    """Mark an error as `sent` if an earlier request was answered: that one has been paid for."""
    answered = False

    async def send_and_note(path: str, body: dict[str, Any], at_root: bool) -> Any:
        nonlocal answered
        try:
            data = await send(path, body, at_root)
        except ModelError as error:
            error.sent = answered or error.sent
            raise
        answered = answered or path == _CHAT
        return data

    return send_and_note


def _logprob_of_actual(step: Any) -> float:
    """Return the log-probability in a step, which maps one token id to it."""
    if not isinstance(step, dict) or not step:
        raise failure("malformed_reply", "The server left out the log-probability of a token.")
    return _number(get(next(iter(step.values())), "logprob"))


def _number(value: Any) -> float:
    if type(value) not in (int, float) or not isfinite(value):
        raise failure("malformed_reply", f"A log-probability is {str(value)[:40]!r}, not a number.")
    return float(value)


def _counts(data: Any, request: ModelRequest) -> tuple[int, int, int]:
    usage = read_usage(data, request, written=1, finish="stop")
    return usage.prompt, usage.completion, usage.cached
