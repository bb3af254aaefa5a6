"""What `tp init` writes."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Started:
    """A configuration, and the files that it needs."""

    text: str
    remarks: tuple[str, ...]
    """What a person should know of it."""
    files: tuple[tuple[str, str], ...] = ()
    """Name and text of further files beside it."""
