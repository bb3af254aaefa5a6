"""Names of files made from names that come from outside, such as that of an imported run."""

import re
import unicodedata

_LONGEST = 100
"""Bytes of the longest slug. File systems allow 255, of which endings and temporary names need some."""
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)
"""Names of devices, which some systems open instead of a file."""


def slug(text: str) -> str:
    """Return `text` as the name of a file in the folder it is put in: letters, digits, `_`, `-` and `.`.

    Anything else becomes a hyphen, so the result has no separator, no leading dot and no hidden character. A
    name that is one already stays as it is.
    """
    name = re.sub(r"[^\w.]+", "-", unicodedata.normalize("NFKC", text)).strip("-.")
    name = name.encode()[:_LONGEST].decode(errors="ignore").rstrip("-.")
    if not name or _RESERVED.match(name):
        return f"run-{name}".rstrip("-")
    return name
