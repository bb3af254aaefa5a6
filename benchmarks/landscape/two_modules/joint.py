"""Proposals for prompts that hold both texts, each behind a line with its name in double brackets."""

import re
from collections.abc import Callable
from random import Random

from ..words import REFUSAL
from .words import ANSWER, RETRIEVE

_BOTH = re.compile(
    r"\[\[retrieve\]\]\s*\n(?P<retrieve>.*?)\n\s*\[\[answer\]\]\s*\n(?P<answer>.*?)(?=</|\Z)", re.DOTALL
)
_REPLY = re.compile(r"<(\w+)>(.*)</\1>", re.DOTALL)


def is_joint(text: str) -> bool:
    """Return whether the prompts in `text` hold both texts."""
    return bool(_BOTH.search(text))


def rewritten_jointly(text: str, random: Random, both: float, write: Callable[[str, str], str]) -> str:
    """Return a reply that changes one of the two texts, or both with the probability `both`.

    So it changes about as much as a reply about one text. `write` gets the name of a text and a request
    about it alone, and returns its reply.
    """
    *_, last = _BOTH.finditer(text)
    texts = {name: last[name].strip() for name in (RETRIEVE, ANSWER)}
    first = random.choice(list(texts))
    for name in texts if random.random() < both else (first,):
        reply = write(name, _BOTH.sub(rf"\g<{name}>", text))
        if reply == REFUSAL:
            return REFUSAL
        found = _REPLY.search(reply)
        texts[name] = (found[2] if found else reply).strip()
    written = "\n\n".join(f"[[{name}]]\n{own}" for name, own in texts.items())
    return f"<instruction>{written}</instruction>"
