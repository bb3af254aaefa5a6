"""What is checked before a page is made, and what every answer says to the browser.

Any web page that the user opens can send requests to this computer. It must not learn anything: not by a name
of its own that leads here (DNS rebinding), not by a frame, a script or an image.
"""

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from ...storage.errors import LogEmpty, LogNotFound, TransferPromptingError, UnknownRun
from ..errors import ConfigError
from .frame import POLICY
from .pages import Pages

HOSTS = frozenset(("127.0.0.1", "localhost"))
"""Names by which a browser on this computer knows the server."""
_HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}


async def add_headers(_request: web.Request, response: web.StreamResponse) -> None:
    """Add what every answer says, errors and streams included."""
    response.headers.update(_HEADERS)
    response.headers.pop("Server", None)


def guard(pages: Pages) -> Middleware:
    """Return what refuses foreign requests, and makes a page of every error."""

    @web.middleware
    async def guarded(request: web.Request, handler: Handler) -> web.StreamResponse:
        if refusal := _refusal(request):
            return web.Response(status=refusal[0], text=refusal[1])
        try:
            return await handler(request)
        except web.HTTPException as error:
            return _problem(pages, error.status, error.reason, "There is no such page here.")
        except (UnknownRun, LogNotFound, LogEmpty) as error:
            return _problem(pages, 404, "Not found", str(error))
        except ConfigError as error:
            return _problem(pages, 400, "This cannot be shown", str(error))
        except TransferPromptingError as error:
            return _problem(pages, 500, "This cannot be shown", str(error))
        except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError) as error:
            # A forged log can hold what no version of this program has written.
            text = f"The log holds something that this program cannot show ({type(error).__name__})."
            return _problem(pages, 500, "This cannot be shown", text)

    return guarded


def _refusal(request: web.Request) -> tuple[int, str] | None:
    """Return the status and the words with which a request is refused; None if it is not."""
    if request.method not in ("GET", "HEAD"):
        return 405, "The pages can only be read."
    if (request.host or "").rpartition(":")[0] not in HOSTS and request.host not in HOSTS:
        return 403, "This server answers to 127.0.0.1 and localhost alone."
    elsewhere = request.headers.get("Sec-Fetch-Site", "none") not in ("none", "same-origin")
    if elsewhere and request.headers.get("Sec-Fetch-Mode") != "navigate":
        return 403, "Another site cannot read these pages."
    return None


def _problem(pages: Pages, status: int, title: str, text: str) -> web.Response:
    return web.Response(status=status, text=pages.problem(title, text), content_type="text/html")
