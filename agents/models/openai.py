"""A model behind an OpenAI-compatible endpoint: llama.cpp, vLLM, or a hosted service."""

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

from .base import ModelError, ModelReply, ModelRequest
from .openai_errors import connection_failure, status_failure, timeout_failure
from .openai_replies import parse_reply

if TYPE_CHECKING:
    import aiohttp


class OpenAIModel:
    """Sends each request as one POST to `{base_url}/chat/completions`; retries are the caller's.

    `timeout` is in seconds and covers the whole exchange. Options are not scored: the chat protocol
    has no way to ask for the likelihood of a given answer. The key appears in the request's header
    and nowhere else. Raises `ModelError` ("bad_request") for an address that is not http or https.
    """

    def __init__(
        self,
        model: str,
        base_url: str,
        *,
        api_key: str | None,
        timeout: float = 60.0,
        max_connections: int = 64,
    ) -> None:
        self._model = model
        self._url = _endpoint(base_url)
        self._shown_url = _without_secrets(base_url)
        self._api_key = api_key
        self._timeout = timeout
        self._max_connections = max_connections
        self._session: aiohttp.ClientSession | None = None

    def __repr__(self) -> str:
        return f"OpenAIModel({self._model!r}, {self._shown_url!r})"

    @property
    def identity(self) -> str:
        return f"openai:{self._shown_url}:{self._model}"

    @property
    def scores_options(self) -> bool:
        return False

    async def reply(self, request: ModelRequest) -> ModelReply:
        """Return the endpoint's first choice; raise `ModelError` where there is none."""
        import aiohttp

        if request.options is not None:
            raise ModelError(
                "not_supported",
                f"The endpoint {self._shown_url} does not score options.",
                advice="Use a local model, or an objective that generates answers.",
            )
        try:
            status, body, retry_after = await self._post(request)
        except TimeoutError as error:
            raise timeout_failure(self._shown_url, self._timeout) from error
        except (aiohttp.ClientError, OSError) as error:
            raise connection_failure(self._shown_url, type(error).__name__) from error
        if status != 200:
            raise status_failure(status, _hide(body.decode("utf-8", "replace"), self._api_key), retry_after)
        return parse_reply(body)

    async def close(self) -> None:
        """Close the connections kept open."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _post(self, request: ModelRequest) -> tuple[int, bytes, str | None]:
        import orjson

        payload = orjson.dumps(_payload(self._model, request))
        async with self._open_session().post(self._url, data=payload) as response:
            return response.status, await response.read(), response.headers.get("Retry-After")

    def _open_session(self) -> "aiohttp.ClientSession":
        import aiohttp

        if self._session is None:
            headers = {"Content-Type": "application/json"}
            if self._api_key:
                headers["Authorization"] = f"Bearer {self._api_key}"
            self._session = aiohttp.ClientSession(
                headers=headers,
                timeout=aiohttp.ClientTimeout(total=self._timeout),
                connector=aiohttp.TCPConnector(limit=self._max_connections),
            )
        return self._session


def _payload(model: str, request: ModelRequest) -> dict[str, Any]:
    payload: dict[str, Any] = {
        "model": model,
        "messages": [message.model_dump() for message in request.messages],
        "max_tokens": request.max_tokens,
        "temperature": request.temperature,
    }
    if request.seed is not None:
        payload["seed"] = request.seed
    if request.stop:
        payload["stop"] = list(request.stop)
    return payload


def _endpoint(base_url: str) -> str:
    parts = urlsplit(base_url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ModelError(
            "bad_request",
            f"base_url {_without_secrets(base_url)!r} is not an http or https address.",
            advice="Correct base_url in [models.NAME], for example http://127.0.0.1:8000/v1.",
        )
    return urlunsplit(parts._replace(path=parts.path.rstrip("/") + "/chat/completions", fragment=""))


def _without_secrets(url: str) -> str:
    """Drop what may hold a secret: user, password, query and fragment."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, host, parts.path.rstrip("/"), "", ""))


def _hide(text: str, api_key: str | None) -> str:
    """Some servers quote the key in their complaint."""
    return text.replace(api_key, "[key]") if api_key else text
