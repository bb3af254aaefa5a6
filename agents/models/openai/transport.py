"""HTTP over connections that are kept open: one exchange per call, and no retries."""

from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from math import isfinite
from typing import TYPE_CHECKING

from ..base import ModelError
from .api_key import ApiKey
from .bodies import MOST_BYTES, MOST_BYTES_OF_ERROR, decompressed, read_up_to, to_utf8
from .errors import connection_failure, failure, timeout_failure
from .proxies import proxy_for
from .requests import without_secrets

if TYPE_CHECKING:
    import aiohttp

_KEEP_ALIVE = 30.0  # seconds
_LONGEST_WAIT = 1e9  # seconds


class Unreachable(Exception):
    """No connection could be made, so nothing has been sent. The text names the reason."""


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """Status of a response, and its body in UTF-8 without the key."""

    status: int
    body: bytes
    retry_after: float | None
    """Seconds to wait before the next request, if the server named them."""
    target: str = ""
    """Address that a redirection names, without the parts that may be secret."""

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode("utf-8", "replace")


class HttpTransport:
    """Sends requests with the key in their header, and nowhere else.

    `timeout` limits a whole exchange and `connect_timeout` the connection, in seconds. Redirections are not
    followed, because they would carry the key elsewhere. A body is read up to a limit. Proxies come from the
    environment (HTTPS_PROXY, NO_PROXY) and are never used for this machine itself.
    """

    def __init__(self, api_key: str | None, timeout: float, connect_timeout: float) -> None:
        self.key = ApiKey(api_key)
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
                return await self._read(response)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise Unreachable(type(error).__name__) from None
        except TimeoutError:
            raise timeout_failure(shown_url, self._timeout) from None
        except (aiohttp.ClientError, OSError, UnicodeError) as error:
            raise connection_failure({shown_url: type(error).__name__}) from None

    async def _read(self, response: "aiohttp.ClientResponse") -> HttpResponse:
        """Read a response; an error's body is cut at its limit, and a reply that is too long is an error."""
        is_reply = response.status == 200
        limit = MOST_BYTES if is_reply else MOST_BYTES_OF_ERROR
        body, cut = await read_up_to(response.content.iter_any(), limit)
        if cut:
            response.close()
        try:
            body, inflated_cut = decompressed(body, response.headers.get("Content-Encoding", ""), limit)
        except ModelError:
            if is_reply and not cut:
                raise
            body, inflated_cut = b"", cut
        if is_reply and (cut or inflated_cut):
            raise failure(
                "malformed_reply", f"The reply is longer than {limit // 2**20} MiB: it was not read."
            )
        wait = response.headers.get("Retry-After")
        return HttpResponse(
            response.status,
            self.key.hide_in_body(to_utf8(body, response.charset)),
            None if wait is None else parse_retry_after(wait),
            without_secrets(response.headers.get("Location", "")),
        )

    def _open(self) -> "aiohttp.ClientSession":
        import aiohttp

        headers = {"Content-Type": "application/json", "Accept-Encoding": "gzip, deflate"}
        self._session = aiohttp.ClientSession(
            headers=headers | self.key.headers(),
            auto_decompress=False,  # It would inflate a small body to any size.
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
        return min(max(0.0, seconds), _LONGEST_WAIT) if isfinite(seconds) else None
    except ValueError:
        pass
    try:
        date = parsedate_to_datetime(header)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    if date.tzinfo is None:
        date = date.replace(tzinfo=UTC)
    return max(0.0, (date - datetime.now(UTC)).total_seconds())
