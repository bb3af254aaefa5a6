"""Named texts: the parts of a prompt that are optimised. A prompt with several is kept as one text.

A prompt of one text is that text. A prompt of several has a line "[[name]]" before each of them, so that
logs, views and models see one text whose parts can be told apart.
"""

import re
from collections.abc import Mapping, Sequence

from .demonstrations import without_demonstrations


def join_texts(texts: Mapping[str, str]) -> str:
    """Return the prompt that consists of `texts`: name -> text."""
    if len(texts) == 1:
        return next(iter(texts.values())).strip()
    return "\n\n".join(f"[[{name}]]\n{text.strip()}" for name, text in texts.items())


def split_texts(prompt: str, names: Sequence[str]) -> dict[str, str] | None:
    """Return name -> text of a prompt; None if it does not hold each of `names` once, in this order."""
    if len(names) == 1:
        return {names[0]: prompt.strip()}
    head = re.compile(rf"^\[\[({'|'.join(map(re.escape, names))})\]\][ \t]*$", re.MULTILINE)
    found = list(head.finditer(prompt))
    if [one[1] for one in found] != list(names) or prompt[: found[0].start()].strip():
        return None
    ends = [one.start() for one in found[1:]] + [len(prompt)]
    return {one[1]: prompt[one.end() : end].strip() for one, end in zip(found, ends, strict=True)}


def differing_texts(one: str, other: str, names: Sequence[str]) -> tuple[str, ...]:
    """Return the names of the texts in which two prompts differ, in the order of `names`.

    Demonstrations are no text of their own and do not count. All names are returned for prompts of which
    only one holds them.
    """
    first, second = (split_texts(without_demonstrations(prompt), names) for prompt in (one, other))
    if first is None or second is None:
        return () if first is second else tuple(names)
    return tuple(name for name in names if first[name] != second[name])
