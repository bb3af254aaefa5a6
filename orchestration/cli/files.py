"""Files that a command writes for people."""

import sys
from pathlib import Path

from ..errors import ConfigError


def write_page(place: Path, text: str) -> None:
    """Write a page and say where it is. Raises `ConfigError` where that cannot be."""
    try:
        place.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{place} cannot be written: {error.strerror}.") from error
    print(f"Wrote {place} ({len(text.encode()) / 1000:,.0f} kB). Open it in a browser.", file=sys.stderr)
