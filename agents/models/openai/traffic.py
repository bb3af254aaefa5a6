"""Requests on their way to one of several base URLs: waiting for limits, leaving out what is down.

What is waited for here is a limit of the endpoint, which is no failure, and a replica that cannot be reached
gives its request to another one. Everything else is raised at once: retries are the caller's.
"""

import asyncio
import random
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from ..base import ModelError
from .endpoint import Endpoint
from .errors import connection_failure, failure, status_failure
from .pool import Pool, Ticket
from .requests import address, without_secrets
from .wire import HttpAnswer, Unreachable, Wire

if TYPE_CHECKING:
    from collections.abc import Sequence

T = TypeVar("T")
_FIRST_PROBE = 1.0  # seconds; doubles up to
_RAREST_PROBE = 30.0
_MODELS_SHOWN = 10


class Traffic:
    """Sends requests to the least loaded of `base_urls`, at most `ceiling` at a time to each.

    `max_wait` is how many seconds a request may wait for rate limits.
    """

    def __init__(self, base_urls: "Sequence[str]", wire: Wire, *, ceiling: int, max_wait: float) -> None:
        for url in base_urls:
            address(url, "")
        self._wire = wire
        self._pool = Pool([Endpoint(url, without_secrets(url), ceiling) for url in base_urls], max_wait)
        self._probes: dict[Endpoint, asyncio.Task[None]] = {}

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """The base URLs and their state."""
        return self._pool.endpoints

    async def post(
        self, path: str, payload: bytes, affinity: int, read: Callable[[bytes], T], *, root: bool = False
    ) -> T:
        """Return what `read` makes of the reply to a POST to `path`, which with `root` is beside the version.

        Raises `ModelError` for every other end.
        """
        ticket = self._pool.ticket(affinity)
        while True:
            endpoint = await self._pool.enter(ticket)
            try:
                return await self._send(endpoint, path, payload, read, root)
            except _Refused as refused:
                now = _now()
                endpoint.refused(refused.began, now, refused.answer.retry_after)
                ticket.blocked_since = ticket.blocked_since or now
            except Unreachable as error:
                ticket.lost[endpoint] = str(error)
                self._lose(endpoint, ticket)
            finally:
                self._pool.leave(endpoint)

    async def texts(self, path: str) -> list[str]:
        """What stands at `path`, beside the version, of every base URL that has it."""
        found = []
        for endpoint in self.endpoints:
            try:
                answer = await self._wire.get(address(_root_of(endpoint.url), path), endpoint.shown_url)
            except (ModelError, Unreachable):
                continue
            if answer.status == 200:
                found.append(answer.body.decode("utf-8", "replace"))
        return found

    async def close(self) -> None:
        """Stop probing and close the connections."""
        for probe in self._probes.values():
            probe.cancel()
        await asyncio.gather(*self._probes.values(), return_exceptions=True)
        self._probes.clear()
        self._pool.close()
        await self._wire.close()

    async def _send(
        self, endpoint: Endpoint, path: str, payload: bytes, read: Callable[[bytes], T], root: bool
    ) -> T:
        began = _now()
        base = _root_of(endpoint.url) if root else endpoint.url
        try:
            answer = await self._wire.post(address(base, path), endpoint.shown_url, payload)
            if _is_refusal(answer):
                raise _Refused(answer, began)
            if answer.status != 200:
                raise await self._explained(endpoint, answer)
            result = read(answer.body)
        except ModelError as error:
            # Anything else, such as a refused prompt, says nothing about the endpoint.
            if error.retryable and endpoint.failed():
                self._probe(endpoint)
            raise
        endpoint.succeeded()
        return result

    async def _explained(self, endpoint: Endpoint, answer: HttpAnswer) -> ModelError:
        body = self._wire.hide(answer.body.decode("utf-8", "replace"))
        error = status_failure(answer.status, body, answer.retry_after)
        if error.cause != "not_found":
            return error
        return failure("not_found", f"{error.message} {await self._offer(endpoint)}".strip())

    async def _offer(self, endpoint: Endpoint) -> str:
        """The names that the endpoint knows, as a sentence; empty where it does not tell."""
        try:
            answer = await self._wire.get(address(endpoint.url, "/models"), endpoint.shown_url)
            names = _names_in(answer.body)
        except (ModelError, Unreachable):
            return ""
        shown = ", ".join(names[:_MODELS_SHOWN])
        more = f" and {len(names) - _MODELS_SHOWN} more" if len(names) > _MODELS_SHOWN else ""
        return self._wire.hide(f"It offers: {shown}{more}.") if names else ""

    def _lose(self, endpoint: Endpoint, ticket: Ticket) -> None:
        endpoint.lost()
        self._probe(endpoint)
        if len(ticket.lost) == len(self.endpoints):
            tried = {lost.shown_url: why for lost, why in ticket.lost.items()}
            raise connection_failure(tried, sent=False)

    def _probe(self, endpoint: Endpoint) -> None:
        """Ask one that is down, from time to time, whether it is back; a single one is asked by requests."""
        if len(self.endpoints) > 1 and endpoint not in self._probes:
            task = asyncio.get_running_loop().create_task(self._probe_until_up(endpoint))
            self._probes[endpoint] = task
            task.add_done_callback(lambda _: self._probes.pop(endpoint, None))

    async def _probe_until_up(self, endpoint: Endpoint) -> None:
        pause = _FIRST_PROBE
        while endpoint.down:
            await asyncio.sleep(pause * random.uniform(0.5, 1))
            pause = min(_RAREST_PROBE, 2 * pause)
            try:
                answer = await self._wire.get(address(endpoint.url, "/models"), endpoint.shown_url)
            except (ModelError, Unreachable):
                continue
            if answer.status < 500:
                endpoint.returned()
                self._pool.admit()


class _Refused(Exception):
    """The endpoint has too much to do."""

    def __init__(self, answer: HttpAnswer, began: float) -> None:
        super().__init__()
        self.answer = answer
        self.began = began


def _is_refusal(answer: HttpAnswer) -> bool:
    """Whether this is a limit, which passes, and neither a used-up quota nor a broken server."""
    if answer.status == 503:
        # llama.cpp says so while it loads its weights.
        return answer.retry_after is not None or b"Loading model" in answer.body
    if answer.status not in (429, 529):
        return False
    return status_failure(answer.status, answer.body.decode("utf-8", "replace")).cause == "rate_limit"


def _root_of(base_url: str) -> str:
    """Servers that speak more than OpenAI's protocol do so beside /v1."""
    from urllib.parse import urlsplit, urlunsplit

    parts = urlsplit(base_url)
    return urlunsplit(parts._replace(path=parts.path.rstrip("/").removesuffix("/v1")))


def _names_in(body: bytes) -> list[str]:
    import orjson

    try:
        data = orjson.loads(body).get("data")
    except (orjson.JSONDecodeError, AttributeError):
        return []
    models = data if isinstance(data, list) else []
    return sorted(m["id"] for m in models if isinstance(m, dict) and isinstance(m.get("id"), str))


def _now() -> float:
    return asyncio.get_running_loop().time()
