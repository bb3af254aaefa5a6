"""Finding the new instruction in whatever a model replies when it is asked for one."""

import re

from ...storage.errors import TransferPromptingError

MAX_CHARACTERS = 2000
_TAGGED = re.compile(r"<(instruction|ins|prompt|text)\b[^>]*>(.*?)</\1\s*>", re.IGNORECASE | re.DOTALL)
_OPEN_TAG = re.compile(r"<(?:instruction|ins|prompt|text)\b[^>]*>(.*)\Z", re.IGNORECASE | re.DOTALL)
_FENCED = re.compile(r"```[^\n`]*\n(.*?)```", re.DOTALL)
_LABELLED = re.compile(
    r"^\W*(?:new\s+)?(?:instruction|prompt)\W*?:(?:\*\*|__)?\s*(.+)\Z", re.I | re.M | re.DOTALL
)
_QUOTES = (('"', '"'), ("“", "”"), ("**", "**"), ("*", "*"), ("'", "'"))
_ITEM = re.compile(r"^\s*(?:\d+[.)]|[-*•])\s+(.+)$", re.MULTILINE)


class Unparsed(TransferPromptingError, ValueError):
    """The reply holds no instruction; says why."""


def read_proposal(reply: str, *, marked: bool = False) -> str:
    """The instruction in `reply`: between tags, in a fence, behind "Instruction:", in a list, or all of it.

    With `marked`, only what stands behind a tag counts: the rest of such a reply is thinking.
    Raises `Unparsed` where nothing is left or what is left is too long to be an instruction.
    """
    if marked and not _OPEN_TAG.search(reply):
        raise Unparsed("it has no <instruction> in it")
    text = _clean(_candidate_text(reply.strip()))
    if not text:
        raise Unparsed("it is empty")
    if len(text) > MAX_CHARACTERS:
        raise Unparsed(f"it has {len(text)} characters, at most {MAX_CHARACTERS} are allowed")
    if len(text.split()) < 2:
        raise Unparsed(f"{text!r} is not an instruction")
    return text


def _candidate_text(reply: str) -> str:
    if tagged := [body for _, body in _TAGGED.findall(reply) if body.strip()]:
        return str(tagged[-1])
    if fenced := [body for body in _FENCED.findall(reply) if body.strip()]:
        return str(fenced[-1])
    for pattern in (_OPEN_TAG, _LABELLED):
        if found := pattern.search(reply):
            return found[1]
    if items := _ITEM.findall(reply):
        return str(items[0])
    return reply


def _clean(text: str) -> str:
    text = re.sub(r"</?(?:instruction|ins|prompt|text)\b[^>]*>", " ", text, flags=re.IGNORECASE)
    text = re.sub(r"[ \t]+", " ", text).strip()
    for opening, closing in _QUOTES * 2:  # twice: one pair may stand in another
        inner = text[len(opening) : -len(closing)].strip()
        # "yes" or "no": quotes at both ends, but not around the whole.
        if text == f"{opening}{inner}{closing}" and opening not in inner and closing not in inner:
            text = inner
    return text
