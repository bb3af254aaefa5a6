"""A model behind an OpenAI-compatible endpoint: llama.cpp, vLLM, or a hosted service."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from ..base import CacheCounters, ModelError, ModelReply, ModelRequest, TokenCount
from ..token_bounds import prompt_bound
from .metrics import counters_in
from .options import OptionScorer, Server
from .replies import parse_json, parse_reply
from .requests import affinity_of, chat_payload, without_secrets
from .traffic import Traffic
from .wire import Wire


class OpenAIModel:
    """Sends each request to `{base_url}/chat/completions` of one of `base_urls`, which serve the same model.

    The first of them names the model, whichever answers. `timeout` is of a whole exchange, `connect_timeout`
    of its connection, and `max_wait` of waiting for rate limits, in seconds. `concurrency` is the most
    requests under way at one base URL; it adapts below that. Options are scored where `server` is one that
    can. Beside an answer they are rated by the log-probabilities of its tokens, where the server tells them.

    Rate limits are waited for and an unreachable replica is replaced here; all other retries are the
    caller's.
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
    ) -> None:
        urls = (base_urls,) if isinstance(base_urls, str) else tuple(base_urls)
        self._model = model
        self._server = server
        self._shown_url = without_secrets(urls[0])
        wire = Wire(api_key, timeout, connect_timeout)
        self._traffic = Traffic(urls, wire, ceiling=concurrency, max_wait=max_wait)
        self._scorer = None if server == "openai" else OptionScorer(server, model)
        self._limit_name = "max_tokens"

    def __repr__(self) -> str:
        return f"OpenAIModel({self._model!r}, {self._shown_url!r})"

    @property
    def identity(self) -> str:
        return f"openai:{self._shown_url}:{self._model}"

    @property
    def scores_options(self) -> bool:
        return self._scorer is not None

    @property
    def rates_options(self) -> bool:
        return True

    async def reply(self, request: ModelRequest) -> ModelReply:
        """Return the first choice, or the likelihood of the options. Raises `ModelError`."""
        if request.options is not None and request.lead is None:
            return await self._score(request)
        try:
            return await self._ask(request)
        except ModelError as error:
            if self._limit_name != "max_tokens" or "max_completion_tokens" not in error.message:
                raise
            # The name that hosted models which think insist on.
            self._limit_name = "max_completion_tokens"
            return await self._ask(request)

    def count(self, request: ModelRequest) -> TokenCount | None:
        """By bytes, since the server's tokenizer is not known: far more than it will be, and never less."""
        if request.options is None or request.lead is not None:
            return TokenCount(prompt_bound(request), request.max_tokens)
        return self._scorer.count(request) if self._scorer else None

    async def cache_counters(self) -> CacheCounters | None:
        """The sums over all base URLs of a vLLM server."""
        return counters_in(await self._traffic.texts("/metrics")) if self._server == "vllm" else None

    async def close(self) -> None:
        """Close the connections kept open."""
        await self._traffic.close()

    async def _ask(self, request: ModelRequest) -> ModelReply:
        import orjson

        read = partial(parse_reply, request=request)
        body = orjson.dumps(chat_payload(self._model, request, self._limit_name))
        return await self._traffic.post("/chat/completions", body, affinity_of(request), read)

    async def _score(self, request: ModelRequest) -> ModelReply:
        if self._scorer is None:
            raise ModelError(
                "not_supported",
                f"The endpoint {self._shown_url} does not score options.",
                advice='If it is llama.cpp or vLLM, say so in [models.NAME]: server = "llama.cpp" or "vllm".',
            )
        return await self._scorer.score(request, partial(self._send, affinity_of(request)))

    async def _send(self, affinity: int, path: str, body: dict[str, Any], root: bool) -> Any:
        import orjson

        return await self._traffic.post(path, orjson.dumps(body), affinity, parse_json, root=root)
