"""Sends requests to one of several base URLs: waits for rate limits and avoids endpoints that are down.

A rate limit is waited for, and a request whose replica cannot be reached goes to another one. Every other
failure is raised immediately: retries are the caller's.
"""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from ..backoff import PROBE_WAIT, seconds_before
from ..base import ModelError
from .endpoint import Endpoint
from .endpoint_queue import EndpointQueue, QueuedRequest
from .errors import EndpointError, connection_failure, failure, redirection_failure, status_failure
from .requests import address, server_root, without_secrets
from .server_words import harmless, parsed
from .transport import HttpResponse, HttpTransport, Unreachable

if TYPE_CHECKING:
    from collections.abc import Sequence

T = TypeVar("T")
_MODELS_SHOWN = 10
_LONGEST_NAME = 60


class RequestRouter:
    """Sends each request to the least loaded of `base_urls`, with at most `ceiling` in flight at each.

    `max_wait` is the number of seconds that a request may wait for rate limits.
    """

    def __init__(
        self, base_urls: "Sequence[str]", transport: HttpTransport, *, ceiling: int, max_wait: float
    ) -> None:
        for url in base_urls:
            address(url, "")
        self._transport = transport
        self._queue = EndpointQueue(
            [Endpoint(url, without_secrets(url), ceiling) for url in base_urls], max_wait
        )
        self._probes: dict[Endpoint, asyncio.Task[None]] = {}

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """The base URLs and their state."""
        return self._queue.endpoints

    async def post(
        self,
        path: str,
        payload: Callable[[Endpoint], bytes],
        affinity: int,
        read: Callable[[bytes], T],
        *,
        at_root: bool = False,
    ) -> T:
        """Post `payload` of the chosen endpoint to `path`; return the body as `read` parses it.

        With `at_root`, the path starts at the server's root instead of its /v1. Raises `ModelError`.
        """
        request = self._queue.new_request(affinity)
        while True:
            endpoint = await self._queue.acquire(request)
            try:
                return await self._send(endpoint, path, payload(endpoint), read, at_root)
            except _RateLimited as limited:
                now = _now()
                endpoint.record_rate_limit(limited.sent_at, now, limited.response.retry_after)
                request.blocked_since = request.blocked_since or now
            except Unreachable as error:
                request.unreachable[endpoint] = str(error)
                self._record_unreachable(endpoint, request)
            finally:
                self._queue.release(endpoint)

    async def get_all(self, path: str) -> list[str]:
        """Return the texts at `path`, from the root of each server that has it."""
        texts = []
        for endpoint in self.endpoints:
            try:
                response = await self._transport.get(
                    address(server_root(endpoint.url), path), endpoint.shown_url
                )
            except (ModelError, Unreachable):
                continue
            if response.status == 200:
                texts.append(response.text)
        return texts

    async def close(self) -> None:
        """Stop probing and close the connections."""
        for probe in self._probes.values():
            probe.cancel()
        await asyncio.gather(*self._probes.values(), return_exceptions=True)
        self._probes.clear()
        self._queue.close()
        await self._transport.close()

    async def _send(
        self, endpoint: Endpoint, path: str, payload: bytes, read: Callable[[bytes], T], at_root: bool
    ) -> T:
        sent_at = _now()
        base = server_root(endpoint.url) if at_root else endpoint.url
        try:
            response = await self._transport.post(address(base, path), endpoint.shown_url, payload)
            if _is_rate_limit(response):
                raise _RateLimited(response, sent_at)
            if response.status != 200:
                raise await self._error_of(endpoint, response)
            result = read(response.body)
        except ModelError as error:
            # Any other error, such as a rejected prompt, says nothing about the endpoint.
            refused = isinstance(error, EndpointError) and error.refusal is not None
            if error.retryable and not refused and endpoint.record_failure():
                self._start_probing(endpoint)
            raise
        endpoint.record_success()
        return result

    async def _error_of(self, endpoint: Endpoint, response: HttpResponse) -> ModelError:
        if 300 <= response.status < 400:
            return redirection_failure(response.status, self._transport.key.hide(response.target))
        error = status_failure(
            response.status, parsed(response.text), response.retry_after, hide=self._transport.key.hide
        )
        if error.cause != "not_found" or error.refusal:
            return error
        return failure("not_found", f"{error.message} {await self._list_models(endpoint)}".strip())

    async def _list_models(self, endpoint: Endpoint) -> str:
        """Return a sentence with the names of the endpoint's models, or "" if it does not list them."""
        try:
            response = await self._transport.get(address(endpoint.url, "/models"), endpoint.shown_url)
            names = _model_names(response.body)
        except (ModelError, Unreachable):
            return ""
        shown = ", ".join(harmless(name)[:_LONGEST_NAME] for name in names[:_MODELS_SHOWN])
        more = f" and {len(names) - _MODELS_SHOWN} more" if len(names) > _MODELS_SHOWN else ""
        return self._transport.key.hide(f"It offers: {shown}{more}.") if names else ""

    def _record_unreachable(self, endpoint: Endpoint, request: QueuedRequest) -> None:
        endpoint.record_unreachable()
        self._start_probing(endpoint)
        if len(request.unreachable) == len(self.endpoints):
            reasons = {tried.shown_url: reason for tried, reason in request.unreachable.items()}
            raise connection_failure(reasons, sent=False)

    def _start_probing(self, endpoint: Endpoint) -> None:
        """Probe an endpoint until it is up. A single endpoint needs no probe: requests still go to it."""
        if len(self.endpoints) > 1 and endpoint not in self._probes:
            task = asyncio.get_running_loop().create_task(self._probe_until_up(endpoint))
            self._probes[endpoint] = task
            task.add_done_callback(lambda _: self._probes.pop(endpoint, None))

    async def _probe_until_up(self, endpoint: Endpoint) -> None:
        attempt = 0
        while endpoint.down:
            attempt += 1
            await asyncio.sleep(seconds_before(attempt, PROBE_WAIT))
            try:
                response = await self._transport.get(address(endpoint.url, "/models"), endpoint.shown_url)
            except (ModelError, Unreachable):
                continue
            if response.status < 500:
                endpoint.record_probe()
                self._queue.admit()


class _RateLimited(Exception):
    """The endpoint refuses the request for now."""

    def __init__(self, response: HttpResponse, sent_at: float) -> None:
        super().__init__()
        self.response = response
        self.sent_at = sent_at


def _is_rate_limit(response: HttpResponse) -> bool:
    """Return True for a limit that passes, and False for a used-up quota or a server error."""
    if response.status == 503:
        # llama.cpp answers like this while it loads its weights.
        return response.retry_after is not None or b"Loading model" in response.body
    if response.status not in (429, 529):
        return False
    return status_failure(response.status, parsed(response.text)).cause == "rate_limit"


def _model_names(body: bytes) -> list[str]:
    import orjson

    try:
        data = orjson.loads(body).get("data")
    except (orjson.JSONDecodeError, AttributeError):
        return []
    models = data if isinstance(data, list) else []
    return sorted(m["id"] for m in models if isinstance(m, dict) and isinstance(m.get("id"), str))


def _now() -> float:
    return asyncio.get_running_loop().time()
