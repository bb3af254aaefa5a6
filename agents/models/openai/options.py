"""The likelihood of given answers, where a server has a way to tell it beyond OpenAI's protocol.

llama.cpp: the answer is forced, token by token, by a grammar; the log-probabilities it reports are those
before the grammar. The prompt is computed once and then found in the slot's cache. vLLM: the answer is made
the last message, which the server does not close, and the log-probabilities of the prompt are asked for.
"""

from collections.abc import Awaitable, Callable
from typing import Any, Literal

from ..base import ModelError, ModelReply, ModelRequest, TokenCount
from ..token_bounds import option_bound, prompt_bound
from .errors import failure
from .replies import cached_of, counted, first, get
from .requests import messages_of

Server = Literal["openai", "llama.cpp", "vllm"]
Send = Callable[[str, dict[str, Any], bool], Awaitable[Any]]
"""(path, body, beside the version) -> the reply, parsed."""


_CHAT = "/chat/completions"
Scored = tuple[float, tuple[int, int, int]]
"""An option's log-probability; prompt, completion and cached tokens of its request."""


class OptionScorer:
    """Scores the options of a request."""

    def __init__(self, server: Server, model: str) -> None:
        self._model = model
        self._scores = self._by_grammar if server == "llama.cpp" else self._by_prompt
        self._tokens: dict[str, tuple[int, ...]] = {}

    async def score(self, request: ModelRequest, send: Send) -> ModelReply:
        """Return the sums of log-probabilities (nats) of the options' tokens, in the options' order.

        One option after the other, so that the later ones find the prompt in the server's cache. Token counts
        are those of all requests together. Raises `ModelError`.
        """
        scored = await self._scores(request, _charging(send))
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
        """The most tokens of all requests: the prompt goes with each option, which is written or read."""
        options = [option_bound(option) for option in request.options or ()]
        prompt = prompt_bound(request) * len(options)
        if self._scores == self._by_grammar:
            return TokenCount(prompt, sum(options))
        return TokenCount(prompt + sum(options), len(options))

    async def _by_grammar(self, request: ModelRequest, send: Send) -> list[Scored]:
        return [await self._forced(request, option, send) for option in request.options or ()]

    async def _forced(self, request: ModelRequest, option: str, send: Send) -> Scored:
        tokens = await self._tokenised(option, send)
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
        said = get(get(first(get(data, "choices"), "choices[0]"), "logprobs"), "content")
        if not isinstance(said, list) or tuple(get(step, "id") for step in said) != tokens:
            raise failure("malformed_reply", f"The server did not keep to the grammar of {option!r}.")
        return sum(_number(get(step, "logprob")) for step in said), _counts(data)

    async def _by_prompt(self, request: ModelRequest, send: Send) -> list[Scored]:
        messages = messages_of(request)
        asked = {"model": self._model, "messages": messages, "add_generation_prompt": True}
        before = counted(await send("/tokenize", asked, True), "count")
        return [await self._read_on(messages, before, option, send) for option in request.options or ()]

    async def _read_on(self, messages: list[dict[str, str]], before: int, option: str, send: Send) -> Scored:
        body = {
            "model": self._model,
            "messages": [*messages, {"role": "assistant", "content": option}],
            "add_generation_prompt": False,
            "continue_final_message": True,
            "prompt_logprobs": 0,
            "max_tokens": 1,
            "temperature": 0,
        }
        data = await send(_CHAT, body, False)
        steps = get(data, "prompt_logprobs")
        if not isinstance(steps, list) or len(steps) <= before:
            raise failure("malformed_reply", "The server gave no log-probabilities of the prompt's end.")
        return sum(_logprob_of_actual(step) for step in steps[before:]), _counts(data)

    async def _tokenised(self, option: str, send: Send) -> tuple[int, ...]:
        if option not in self._tokens:
            tokens = get(await send("/tokenize", {"content": option}, True), "tokens")
            if not isinstance(tokens, list) or not all(type(token) is int for token in tokens) or not tokens:
                raise failure("malformed_reply", f"The server could not tell the tokens of {option!r}.")
            self._tokens[option] = tuple(tokens)
        return self._tokens[option]


def _charging(send: Send) -> Send:
    """Where one of several requests fails, those before it have been paid all the same."""
    answered = False

    async def sending(path: str, body: dict[str, Any], root: bool) -> Any:
        nonlocal answered
        try:
            data = await send(path, body, root)
        except ModelError as error:
            error.sent = answered or error.sent
            raise
        answered = answered or path == _CHAT
        return data

    return sending


def _logprob_of_actual(step: Any) -> float:
    """Token id -> its log-probability, of the one token that stands there."""
    if not isinstance(step, dict) or not step:
        raise failure("malformed_reply", "The server left out the log-probability of a token.")
    return _number(get(next(iter(step.values())), "logprob"))


def _number(value: Any) -> float:
    if type(value) not in (int, float):
        raise failure("malformed_reply", f"A log-probability is {value!r}, not a number.")
    return float(value)


def _counts(data: Any) -> tuple[int, int, int]:
    usage = get(data, "usage")
    prompt_tokens = counted(usage, "prompt_tokens")
    return prompt_tokens, counted(usage, "completion_tokens"), cached_of(usage, prompt_tokens)
