"""Recognise settings that may hold a password or a key, so that no message and no log repeats them."""

import re

_NAMES = re.compile(
    r"key|token|secret|passw|passphrase|pwd|auth|credential|bearer|cookie|signature", re.IGNORECASE
)
"""Parts of the names of settings that hold secrets."""
_PREFIXES = re.compile(
    r"((sk|pk|rk|gsk|hf|ghp|gho|ghs|github_pat|glpat|xai|pplx|nvapi|r8|tgp|fw|csk|jina|pa|xox[abpr])[-_]"
    r"|AIza|ya29|eyJ|AKIA)[-_.A-Za-z0-9]{8,}"
)
"""Beginnings by which providers mark their keys."""
_LONG = re.compile(r"[A-Za-z0-9_+=~-]{20,}")
"""Unbroken text that is long enough to be a key."""
_SCHEME = re.compile(r"\b(bearer|basic)\s+\S", re.IGNORECASE)
_URL = re.compile(r"://[^/\s]*@|://\S*[?#]")
"""A URL with a user, a query or a fragment, each of which may hold a key."""
_RANDOM = 20
"""Number of characters from which a text with letters and digits may be a key."""
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def names_secret(key: str) -> bool:
    """Return whether a setting with the name `key` may hold a secret."""
    return bool(_NAMES.search(key))


def looks_secret(text: str) -> bool:
    """Return whether `text` may contain a secret: a marked key, a long random text, or a URL with one."""
    if _SCHEME.search(text) or _URL.search(text):
        return True
    return any(_is_marked(word) for word in text.split()) or any(map(_is_mixed, _LONG.findall(text)))


def names_variable(text: str) -> bool:
    """Return whether `text` is the name of a variable, and not a key that is written like one."""
    if not _VARIABLE.fullmatch(text) or _is_marked(text):
        return False
    # Names of variables are words in capitals, with underscores between them.
    plain = text.isupper() and "_" in text
    return plain or len(text) < _RANDOM or not _is_mixed(text)


def _is_marked(word: str) -> bool:
    return bool(_PREFIXES.match(word)) and _is_mixed(word)


def _is_mixed(text: str) -> bool:
    """Return whether a text has letters and digits, as random texts have and words have not."""
    return any(c.isdigit() for c in text) and any(c.isalpha() for c in text)
