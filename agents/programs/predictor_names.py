"""Names of texts for the predictors of a DSPy module, which have paths such as "steps[0].predict"."""

import re
from collections.abc import Iterator
from hashlib import sha256

LONGEST = 40
"""Most characters of a text's name."""
_TOKEN = re.compile(r"(?:^|\.)(?P<attribute>[^\W\d]\w*)|\[(?P<index>\d+)\]|\['(?P<key>\w+)'\]")
_KEY = "in"
"""Part of a name before the key of a dict: as a keyword of Python it is the name of no attribute."""
_SHORTENED = "0x"
"""Beginning of the last part of a name that stands for no path, but was made from one."""


def text_name(path: str) -> str:
    """Return the name of the text for the predictor at `path`: "steps[0].predict" is "steps__0__predict".

    A path that is too long, or cannot be written in this way, gets a shortened name with a digest.
    """
    name = "__".join(_parts(path))
    if len(name) <= LONGEST and predictor_path(name) == path:
        return name
    digest = f"__{_SHORTENED}{sha256(path.encode()).hexdigest()[:8]}"
    return re.sub(r"\W+", "_", path)[: LONGEST - len(digest)].strip("_") + digest


def predictor_path(name: str) -> str | None:
    """Return the path that a name of `text_name` stands for; None if the name was shortened."""
    first, *parts = name.split("__")
    path, rest = first, iter(parts)
    for part in rest:
        if part.startswith(_SHORTENED):
            return None
        if part.isdecimal():
            path += f"[{part}]"
        elif part == _KEY:
            path += f"['{next(rest, '')}']"
        else:
            path += f".{part}"
    return path


def _parts(path: str) -> Iterator[str]:
    for token in _TOKEN.finditer(path):
        if token["key"] is not None:
            yield _KEY
        yield token[token.lastgroup or 0]
