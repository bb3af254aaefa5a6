"""Names that every tracker accepts, and the identity of a run by which it is found again."""

import re

from ...storage.event import Event

_FOREIGN = re.compile(r"[^A-Za-z0-9_.\- ]+")
_LONGEST = 200
_IDENTITY = 32


def identity_of(first: Event) -> str:
    """Return 32 hexadecimal digits that no other run has: the hash of the first event, which never changes.

    Runs of other logs may have the same name. A copy of a log holds the same runs.
    """
    return first.hash.hex()[:_IDENTITY].ljust(_IDENTITY, "0")


def name_of(*parts: str) -> str:
    """Return a name from parts, with a slash between them and no character that a tracker refuses."""
    clean = (_FOREIGN.sub("_", part).strip(". ") or "_" for part in parts)
    return "/".join(clean)[:_LONGEST]
