"""HTTP with connections that are kept open: one exchange at a time, nothing tried twice."""

from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from math import isfinite
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from .errors import connection_failure, failure, timeout_failure

if TYPE_CHECKING:
    import aiohttp

_KEEP_ALIVE = 30.0  # seconds


class Unreachable(Exception):
    """No connection could be made, so nothing has been sent; the text names the reason."""


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """What came back: status, body, and the seconds in which the server wants to be asked again."""

    status: int
    body: bytes
    retry_after: float | None


class Wire:
    """Sends requests with the key in their header, and nowhere else.

    `timeout` is the time of a whole exchange and `connect_timeout` that of its connection, in seconds.
    Redirections are not followed: they would carry the key to another place. Proxies are those of the
    environment (HTTPS_PROXY, NO_PROXY), never for this machine itself.
    """

    def __init__(self, api_key: str | None, timeout: float, connect_timeout: float) -> None:
        self._api_key = (api_key or "").strip()
        self._timeout = timeout
        self._connect_timeout = connect_timeout
        self._session: aiohttp.ClientSession | None = None
        self._proxies: dict[str, str | None] = {}

    async def post(self, url: str, shown_url: str, data: bytes) -> HttpAnswer:
        """Post JSON. Raises `Unreachable`, and `ModelError` ("timeout", "connection") once it is sent."""
        return await self._exchange("POST", url, shown_url, data)

    async def get(self, url: str, shown_url: str) -> HttpAnswer:
        """Get what stands at an address; raises as `post` does."""
        return await self._exchange("GET", url, shown_url, None)

    def hide(self, text: str) -> str:
        """Some servers quote the key in their complaint."""
        return text.replace(self._api_key, "[key]") if self._api_key else text

    async def close(self) -> None:
        """Close the connections kept open."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _exchange(self, method: str, url: str, shown_url: str, data: bytes | None) -> HttpAnswer:
        import aiohttp

        session = self._session or self._open()
        try:
            async with session.request(
                method, url, data=data, allow_redirects=False, proxy=self._proxy_of(url)
            ) as response:
                wait = response.headers.get("Retry-After")
                body = await response.read()
                return HttpAnswer(response.status, body, None if wait is None else seconds_of(wait))
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise Unreachable(type(error).__name__) from error
        except TimeoutError as error:
            raise timeout_failure(shown_url, self._timeout) from error
        except (aiohttp.ClientError, OSError) as error:
            raise connection_failure({shown_url: type(error).__name__}) from error

    def _open(self) -> "aiohttp.ClientSession":
        import aiohttp

        headers = {"Content-Type": "application/json"}
        if self._api_key:
            headers["Authorization"] = f"Bearer {_checked(self._api_key)}"
        self._session = aiohttp.ClientSession(
            headers=headers,
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=self._timeout, sock_connect=self._connect_timeout),
            # How many there are at a time is decided before a request comes here.
            connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=_KEEP_ALIVE),
        )
        return self._session

    def _proxy_of(self, url: str) -> str | None:
        if url not in self._proxies:
            self._proxies[url] = proxy_for(url)
        return self._proxies[url]


def seconds_of(retry_after: str) -> float | None:
    """Return the seconds that a Retry-After header asks for: a number, or a date of HTTP; None if neither."""
    try:
        seconds = float(retry_after)
        return max(0.0, seconds) if isfinite(seconds) else None
    except ValueError:
        pass
    try:
        at = parsedate_to_datetime(retry_after)
    except ValueError:
        return None
    if at.tzinfo is None:
        at = at.replace(tzinfo=UTC)
    return max(0.0, (at - datetime.now(UTC)).total_seconds())


def proxy_for(url: str) -> str | None:
    """Return the proxy that the environment names for an address."""
    from urllib.request import getproxies, proxy_bypass

    parts = urlsplit(url)
    host = parts.hostname or ""
    if host == "localhost" or host.startswith("127.") or host == "::1" or proxy_bypass(host):
        return None
    proxies = getproxies()
    return proxies.get(parts.scheme) or proxies.get("all")


def _checked(api_key: str) -> str:
    if not (api_key.isascii() and api_key.isprintable()):
        raise failure("authentication", "The key holds characters that no key may hold.")
    return api_key
