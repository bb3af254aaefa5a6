"""Read the new instruction in the reply of a model that was asked to write one."""

import re

from ...storage.errors import TransferPromptingError

MAX_CHARACTERS = 2000
"""Length of the longest prompt allowed."""
_TAGGED = re.compile(r"<(instruction|ins|prompt|text)\b[^>]*>(.*?)</\1\s*>", re.IGNORECASE | re.DOTALL)
_OPEN_TAG = re.compile(r"<(?:instruction|ins|prompt|text)\b[^>]*>(.*)\Z", re.IGNORECASE | re.DOTALL)
_FENCED = re.compile(r"```[^\n`]*\n(.*?)```", re.DOTALL)
_LABELLED = re.compile(
    r"^\W*(?:new\s+)?(?:instruction|prompt)\W*?:(?:\*\*|__)?\s*(.+)\Z", re.I | re.M | re.DOTALL
)
_QUOTES = (('"', '"'), ("“", "”"), ("**", "**"), ("*", "*"), ("'", "'"))
_ITEM = re.compile(r"^\s*(?:\d+[.)]|[-*•])\s+(.+)$", re.MULTILINE)


class Unparsed(TransferPromptingError, ValueError):
    """A reply holds no instruction. The message gives the reason, to be sent back to the model."""


def read_proposal(reply: str, *, marked: bool = False) -> str:
    """Return the instruction in `reply`: between tags, in a fence, after "Instruction:", in a list, or all.

    With `marked`, only text after a tag counts, because the rest of such a reply is thinking. Raises
    `Unparsed` if there is no instruction, or if it is shorter than two words or longer than
    `MAX_CHARACTERS`.
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
    for opening, closing in _QUOTES * 2:  # Twice, because one pair may enclose another.
        inner = text[len(opening) : -len(closing)].strip()
        # In `"yes" or "no"` there are quotes at both ends, but not around the whole.
        if text == f"{opening}{inner}{closing}" and opening not in inner and closing not in inner:
            text = inner
    return text
