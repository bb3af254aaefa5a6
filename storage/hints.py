"""Commands in messages, quoted so that a shell takes them as they are meant when they are pasted."""

import shlex
from collections.abc import Sequence

from .place import Place, shown


def command(verb: str, *arguments: object, options: Sequence[object] = (), log: Place | None = None) -> str:
    """Return `tp VERB ARGUMENTS OPTIONS`, with `--log` if a log is given.

    Blanks, quotes, `~` and other characters of a shell are quoted. If an argument begins with a hyphen, it
    comes last and after "--", so that it is not read as an option.
    """
    words, added = list(map(str, arguments)), list(map(str, options))
    if log is not None:
        added += ["--log", shown(log)]
    if any(word.startswith("-") for word in words):
        return shlex.join(["tp", verb, *added, "--", *words])
    return shlex.join(["tp", verb, *words, *added])
