"""Recognise settings that may hold a password or a key, so that no message and no log repeats them.

Two measures serve two ends. What is refused must surely hold a secret: a key with a provider's mark, or a
value under a name such as `password`. What is left out of an error message need only look like a secret.
"""

import re
from urllib.parse import parse_qsl, unquote, urlsplit

_HARMLESS = frozenset(
    {"apiversion", "version", "v", "api", "region", "location", "zone", "project", "deployment", "model"}
    | {"provider", "alt", "beta", "format", "lang", "language", "timeout", "route", "mode", "debug"}
)
_SECRET = re.compile(
    r"key|tok|secret|pass|pwd|pw$|auth|code|sig|cred|sess|jwt|bearer|access|login|user|sas|cookie|private"
    r"|cert|otp|^pin$|^sk$|^pat$|^k$|^t$|^p$|hash|nonce|ticket|account"
)
_KEY = re.compile(
    r"\bsk[-_][A-Za-z0-9_-]{8,}"
    r"|\b(hf_|gsk_|xai-|pplx-|r8_|nvapi-|gh[pousr]_|github_pat_|csk-|glpat-|tgp_|fw_|jina_|xox[a-z]-)"
    r"(?=[A-Za-z_-]*[0-9])[A-Za-z0-9_-]{8,}"
    r"|\bAIza[A-Za-z0-9_-]{16,}|\beyJ[A-Za-z0-9_-]{16,}|\bya29\.[A-Za-z0-9_-]{16,}|\bAKIA[A-Z0-9]{12,}"
)
"""Beginnings of the keys of well-known providers."""
_LONG = 16
_LONGEST_VALUE = 40
_NAME_PARTS = re.compile(
    r"key|token|secret|passw|passphrase|pwd|auth|credential|bearer|cookie|signature", re.IGNORECASE
)
"""Parts of the names of settings that may hold secrets."""
_UNBROKEN = re.compile(r"[A-Za-z0-9_+=~-]{20,}")
"""Unbroken text that is long enough to be a key."""
_SCHEME = re.compile(r"\b(bearer|basic)\s+\S", re.IGNORECASE)
_URL = re.compile(r"://[^/\s]*@|://\S*[?#]")
"""A URL with a user, a query or a fragment, each of which may hold a key."""


def holds_secret(url: str) -> bool:
    """Return True if a URL holds a user, a password, a fragment or what may be a key.

    Of a query, only short values under harmless names, such as api-version, pass.
    """
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:  # A password that is not escaped may have broken the address.
        return any(mark in url for mark in "@?#")
    if "@" in unquote(parts.netloc):
        return True
    if parts.fragment or any(looks_like_key(part) for part in (parts.path, parts.netloc)):
        return True
    query = unquote(parts.query).replace(";", "&")
    return any(_is_secret(name, value) for name, value in parse_qsl(query, keep_blank_values=True))


def is_variable_name(name: str) -> bool:
    """Return True for the name of an environment variable, and False for what may be a key itself."""
    parts = name.split("_")
    return (
        name.isascii() and name.isidentifier() and not looks_like_key(name) and not any(map(_random, parts))
    )


def looks_like_key(text: str) -> bool:
    """Return True if a text holds a key with a beginning that providers use."""
    return _KEY.search(text) is not None


def looks_secret(text: str) -> bool:
    """Return True if a text may contain a secret: a key, a long random text, or a URL with a query."""
    if looks_like_key(text) or _SCHEME.search(text) or _URL.search(text):
        return True
    return any(map(_random, _UNBROKEN.findall(text)))


def names_secret(name: str) -> bool:
    """Return True if a value of this name may be a secret. See `is_secret_name` for the surer measure."""
    return _NAME_PARTS.search(name) is not None


def is_secret_name(name: str) -> bool:
    """Return True if a value of this name is a secret, as in `api_key` or `Authorization`."""
    return _plain(name) in {
        *("apikey", "key", "token", "accesstoken", "authtoken", "bearertoken", "authorization", "auth"),
        *("password", "passwd", "pwd", "secret", "clientsecret", "secretkey", "accesskey", "credentials"),
    }


def _is_secret(name: str, value: str) -> bool:
    plain = _plain(name)
    if plain in _HARMLESS:
        return looks_like_key(value) or len(value) > _LONGEST_VALUE
    return (
        bool(_SECRET.search(plain)) or looks_like_key(f"{name}={value}") or _random(name) or len(value) >= 8
    )


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _random(part: str) -> bool:
    """Return True for a long run of letters and digits, as in a key."""
    return len(part) >= _LONG and any(map(str.isdigit, part)) and any(map(str.isalpha, part))
