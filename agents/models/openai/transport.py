"""HTTP over connections that are kept open: one exchange per call, and no retries."""

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
    """No connection could be made, so nothing has been sent. The text names the reason."""


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """Status and body of a response."""

    status: int
    body: bytes
    retry_after: float | None
    """Seconds to wait before the next request, if the server named them."""


class HttpTransport:
    """Sends requests with the key in their header, and nowhere else.

    `timeout` limits a whole exchange and `connect_timeout` the connection, in seconds. Redirections are not
    followed, because they would carry the key elsewhere. Proxies come from the environment (HTTPS_PROXY,
    NO_PROXY) and are never used for this machine itself.
    """

    def __init__(self, api_key: str | None, timeout: float, connect_timeout: float) -> None:
        self._api_key = (api_key or "").strip()
        self._timeout = timeout
        self._connect_timeout = connect_timeout
        self._session: aiohttp.ClientSession | None = None
        self._proxies: dict[str, str | None] = {}

    async def post(self, url: str, shown_url: str, data: bytes) -> HttpResponse:
        """Post JSON; `shown_url` is the address that errors show.

        Raises `Unreachable`, and once the request is sent `ModelError` ("timeout", "connection").
        """
        return await self._exchange("POST", url, shown_url, data)

    async def get(self, url: str, shown_url: str) -> HttpResponse:
        """Get an address. Raises the same errors as `post`."""
        return await self._exchange("GET", url, shown_url, None)

    def redact(self, text: str) -> str:
        """Return the text without the key, which some servers quote in their errors."""
        return text.replace(self._api_key, "[key]") if self._api_key else text

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _exchange(self, method: str, url: str, shown_url: str, data: bytes | None) -> HttpResponse:
        import aiohttp

        session = self._session or self._open()
        try:
            async with session.request(
                method, url, data=data, allow_redirects=False, proxy=self._proxy_for(url)
            ) as response:
                header = response.headers.get("Retry-After")
                body = await response.read()
                return HttpResponse(
                    response.status, body, None if header is None else parse_retry_after(header)
                )
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
            # The endpoint queue limits concurrency.
            connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=_KEEP_ALIVE),
        )
        return self._session

    def _proxy_for(self, url: str) -> str | None:
        if url not in self._proxies:
            self._proxies[url] = proxy_for(url)
        return self._proxies[url]


def parse_retry_after(header: str) -> float | None:
    """Return the seconds that a Retry-After header asks for; None if it is neither a number nor a date."""
    try:
        seconds = float(header)
        return max(0.0, seconds) if isfinite(seconds) else None
    except ValueError:
        pass
    try:
        date = parsedate_to_datetime(header)
    except ValueError:
        return None
    if date.tzinfo is None:
        date = date.replace(tzinfo=UTC)
    return max(0.0, (date - datetime.now(UTC)).total_seconds())


def proxy_for(url: str) -> str | None:
    """Return the proxy that the environment names for an address, if any."""
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
