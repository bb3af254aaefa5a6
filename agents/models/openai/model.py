"""A model served by an OpenAI-compatible endpoint: llama.cpp, vLLM, or a hosted service."""

import json
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Literal

from ..base import CacheCounters, ModelError, ModelReply, ModelRequest, TokenCount, ToolCall
from ..token_bounds import IMAGE_TOKENS, prompt_bound
from .json_bodies import parse_json
from .metrics import parse_counters
from .negotiation import Negotiation
from .option_scorer import OptionScorer, Server
from .replies import parse_reply
from .requests import affinity_key, without_secrets
from .router import RequestRouter
from .transport import HttpTransport


class OpenAIModel:
    """Sends each request to `{base_url}/chat/completions` of one of `base_urls`, which serve the same model.

    The first base URL enters the identity, whichever one answers. `timeout` limits a whole exchange,
    `connect_timeout` its connection, and `max_wait` the time spent waiting for rate limits, in seconds.
    `concurrency` is the greatest number of requests in flight at one base URL; fewer are sent while the
    server is overloaded. Options are scored if `server` is one that can. For an answer with options, they
    are rated by the log-probabilities of the answer's tokens, if the server reports them.

    `params` are further fields of each request. `temperature` replaces that of the requests, and with "unset"
    none is sent. What a server refuses of a request is left out of it and of all later ones. `image_tokens`
    is the most that the server counts for an image.

    The model waits for rate limits and replaces an unreachable replica; all other retries are the caller's.
    Raises `ModelError` ("bad_request") for an address that is not http or https.
    """

    def __init__(
        self,
        model: str,
        base_urls: str | Sequence[str],
        *,
        api_key: str | None,
        timeout: float = 60.0,
        connect_timeout: float = 10.0,
        max_wait: float = 300.0,
        concurrency: int = 64,
        server: Server = "openai",
        params: Mapping[str, Any] | None = None,
        temperature: float | Literal["unset"] | None = None,
        image_tokens: int = IMAGE_TOKENS,
    ) -> None:
        urls = (base_urls,) if isinstance(base_urls, str) else tuple(base_urls)
        self._model = model
        self._server = server
        self._shown_url = without_secrets(urls[0])
        self._params = dict(params or {})
        self._temperature = temperature
        transport = HttpTransport(api_key, timeout, connect_timeout)
        self._key = transport.key
        self._router = RequestRouter(urls, transport, ceiling=concurrency, max_wait=max_wait)
        self._image_tokens = image_tokens
        self._scorer = None if server == "openai" else OptionScorer(server, model, image_tokens)

    def __repr__(self) -> str:
        return f"OpenAIModel({self._model!r}, {self._shown_url!r})"

    @property
    def identity(self) -> str:
        """Provider, first base URL without secrets, and model; then the settings of its requests, if any."""
        own = {} if self._temperature is None else {"temperature": self._temperature}
        settings = {**self._params, **own}
        shown = f" {json.dumps(settings, sort_keys=True, ensure_ascii=False)}" if settings else ""
        return f"openai:{self._shown_url}:{self._model}{shown}"

    @property
    def scores_options(self) -> bool:
        """True for llama.cpp and vLLM: OpenAI's protocol has no likelihoods of given answers."""
        return self._scorer is not None

    @property
    def rates_options(self) -> bool:
        """Always True, although a server may leave out the log-probabilities of a reply."""
        return True

    async def reply(self, request: ModelRequest) -> ModelReply:
        """Return the first choice, or the log-likelihoods of the options. Raises `ModelError`."""
        if request.options is not None and request.lead is None:
            return await self._score(request)
        return await self._ask(request)

    def count(self, request: ModelRequest) -> TokenCount | None:
        """Return an upper bound by bytes, which is far above the real count: the tokenizer is not known."""
        if request.options is None or request.lead is not None:
            return TokenCount(prompt_bound(request, self._image_tokens), request.max_tokens)
        return self._scorer.count(request) if self._scorer else None

    async def cache_counters(self) -> CacheCounters | None:
        """Return the sums over all base URLs of a vLLM server; None for other servers."""
        if self._server != "vllm":
            return None
        return parse_counters(await self._router.get_all("/metrics"))

    async def close(self) -> None:
        """Close the connections."""
        await self._router.close()

    async def _ask(self, request: ModelRequest) -> ModelReply:
        if isinstance(self._temperature, float | int):
            request = request.model_copy(update={"temperature": float(self._temperature)})
        left_out = {"temperature"} if self._temperature == "unset" else set()
        negotiation = Negotiation(self._model, request, left_out, self._params)
        read = partial(parse_reply, request=request, hide=self._key.hide)
        affinity = affinity_key(request)
        while True:
            try:
                reply = await self._router.post("/chat/completions", negotiation.payload, affinity, read)
            except ModelError as error:
                if not negotiation.corrects(error):
                    raise
            else:
                return self._without_key(negotiation.conclude(reply))

    def _without_key(self, reply: ModelReply) -> ModelReply:
        hide = self._key.hide_in_text
        calls = tuple(
            ToolCall(id=hide(call.id), name=hide(call.name), arguments=hide(call.arguments))
            for call in reply.tool_calls
        )
        return reply.model_copy(update={"text": hide(reply.text), "tool_calls": calls})

    async def _score(self, request: ModelRequest) -> ModelReply:
        if self._scorer is None:
            raise ModelError(
                "not_supported",
                f"The endpoint {self._shown_url} does not score options.",
                advice='If it is llama.cpp or vLLM, say so in [models.NAME]: server = "llama.cpp" or "vllm".',
            )
        return await self._scorer.score(request, partial(self._post, affinity_key(request)))

    async def _post(self, affinity: int, path: str, body: dict[str, Any], at_root: bool) -> Any:
        import orjson

        data = orjson.dumps(body)
        read = partial(parse_json, hide=self._key.hide)
        return await self._router.post(path, lambda _: data, affinity, read, at_root=at_root)
