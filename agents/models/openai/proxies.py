"""The proxy that the environment names for an address."""

import os
from urllib.parse import urlsplit

from ..base import ModelError


def proxy_for(url: str) -> str | None:
    """Return the proxy that the environment names for an address, if any; a bare host is an http proxy.

    Raises `ModelError` ("not_supported"), which names the variable, for any other kind of proxy.
    """
    from urllib.request import getproxies, proxy_bypass

    parts = urlsplit(url)
    host = parts.hostname or ""
    if host == "localhost" or host.startswith("127.") or host == "::1" or proxy_bypass(host):
        return None
    proxies = getproxies()
    for kind in (parts.scheme, "all"):
        if proxy := proxies.get(kind, "").strip():
            return _checked(proxy, kind, host)
    return None


def _checked(proxy: str, kind: str, host: str) -> str:
    """Return the address of a proxy with its scheme. Errors never quote it: it may hold a password."""
    address = proxy if "://" in proxy else f"http://{proxy.removeprefix('//')}"
    scheme = address.partition("://")[0].lower()
    if scheme not in ("http", "https"):
        shown = scheme if scheme.isalnum() and len(scheme) <= 10 else "unknown"
        raise _failure(kind, host, f"names a proxy of the kind {shown}, which is not supported")
    try:
        parts = urlsplit(address)
        valid = bool(parts.hostname) and parts.port != 0
    except ValueError:
        valid = False
    if not valid or any(character.isspace() for character in address):
        raise _failure(kind, host, "holds no address of a proxy")
    return address


def _failure(kind: str, host: str, fault: str) -> ModelError:
    name = f"{kind}_proxy"
    names = [variable for variable in (name, name.upper()) if os.environ.get(variable)]
    names += [variable for variable in os.environ if variable.lower() == name]
    place = f"The environment variable {names[0]}" if names else f"The system's setting of the {kind} proxy"
    return ModelError(
        "not_supported",
        f"{place} {fault}.",
        advice=f"Set it to an http proxy, such as http://127.0.0.1:3128, or add {host} to NO_PROXY.",
        sent=False,
    )
