"""Read the new instruction in the reply of a model that was asked to write one."""

import re
from bisect import bisect_left
from collections.abc import Sequence
from html import unescape
from itertools import islice

from ...storage.errors import TransferPromptingError
from .cleaning import visible, without_tokens
from .reasoning import final_channel, outside_tags
from .structured import objects
from .text import without_fence

MAX_CHARACTERS = 2000
"""Length of the longest prompt allowed, unless a setting says otherwise."""
_TAG = re.compile(
    r"<(?P<close>/)?(?:instructions?|ins|new_instruction|new_prompt|improved_instruction)(?:\s[^<>]{0,200})?>",
    re.I,
)
_OPEN_TAG = re.compile(_TAG.pattern.replace("(?P<close>/)?", ""), re.I)
_WHOLE_TAG = re.compile(r"^[ \t]{0,9}<(prompt|text|output|response|answer)(?:\s[^<>]{0,200})?>", re.I | re.M)
"""Tags that mark the instruction if they stand around the whole reply or around lines of it, as others do."""
_MOST = 20
"""Highest number of such tags that are looked at."""
_AROUND = re.compile(r"<(prompt|text)>((?:(?!</?\1>).)*)</\1>", re.I | re.S)
_FENCED = re.compile(r"```[^\n`]*\n(.*?)(?:```|\Z)", re.S)
_KEY = re.compile(r"\"(?:new_|improved_)?(?:instruction|prompt)\"\s{0,9}:", re.I)
_LABELLED = re.compile(
    r"^[^\w\n<]{0,20}(?:(?:the\s|my\s)?(?:new|improved|revised|better|final|updated|rewritten|shorter|optimi[sz]ed)\s)?"
    r"(?:instruction|prompt)(?:\s(?:is|reads))?[^\w\n<]{0,9}:(?:\*\*|__)?[ \t]*\n?",
    re.I | re.M,
)
_HEADING = re.compile(
    r"^[ \t]{0,9}(?:#{1,6}|\*\*|__)[ \t]{0,9}"
    r"(?:(?:the\s|my\s)?(?:new|improved|revised|better|final|updated)\s)?"
    r"(?:instruction|prompt)[*_ \t]{0,9}\n",
    re.I | re.M,
)
_QUOTED_LINES = re.compile(r"(?:[ \t]{0,9}>[^\n]*(?:\n|\Z))+")
_PREFACE = re.compile(
    r"[^\w\n]{0,9}(?:(?:sure|certainly|of course|okay|ok|great|absolutely)\b[^\n:]{0,20}[,.!]?\s{1,3})?"
    r"(?:here(?:['’]s|\s+is|\s+are)|below is|the following is|this is"
    r"|i(?:['’]d|\s+would)?\s+(?:suggest|propose))\b"
    r"[^\n:]{0,120}\b(?:instructions?|prompts?|version|one|it)\b[^\n:]{0,60}:(?:\*\*|__)?\s*"
    r"|(?:sure|certainly|of course|okay|ok|great|absolutely)\b[^\n:]{0,60}[!:.]\s*\n\s*",
    re.I,
)
_AFTERWORD = re.compile(
    r"\n[ \t]*\n[^\w\n]{0,9}(?:this (?:instruction|prompt|version|wording|should|makes|one)"
    r"|i(?:['’]ve|\s+have)?\s+(?:changed|added|removed|kept|made)|let me know"
    r"|explanation\s*:|note\s*:|changes(?: made)?\s*:|why this)",
    re.I,
)
_QUOTES = (('"', '"'), ("“", "”"), ("**", "**"), ("*", "*"), ("'", "'"), ("«", "»"), ("`", "`"))
_ITEM = re.compile(r"^[ \t]{0,20}(?:\d{1,3}[.)]|[-*•])[ \t]+(\S[^\n]*)$", re.M)


class Unparsed(TransferPromptingError, ValueError):
    """A reply holds no instruction. The message gives the reason, to be sent back to the model."""


def read_proposal(reply: str, *, marked: bool = False, characters: int = MAX_CHARACTERS) -> str:
    """Return the instruction in `reply`: between tags, in a fence, after "Instruction:", in a list, or all.

    Reasoning is never read. With `marked`, only text after a tag counts, because the rest of such a reply is
    thinking. Raises `Unparsed` if there is no instruction, or if it is shorter than two words or longer than
    `characters`.
    """
    text = _find(reply, marked=marked)
    if text is None:
        raise Unparsed("it has no <instruction> in it")
    if not text:
        raise Unparsed("it is empty")
    if len(text) > characters:
        raise Unparsed(f"it has {len(text)} characters, at most {characters} are allowed")
    if len(text.split()) < 2:
        raise Unparsed(f"{text!r} is not an instruction")
    return text


def _find(reply: str, *, marked: bool) -> str | None:
    """Return the instruction in `reply`, not yet checked; None if it has none outside its reasoning."""
    reply = final_channel(visible(reply))
    if not _OPEN_TAG.search(reply) and "&lt;instruction" in reply:
        reply = unescape(reply)
    tags = list(_TAG.finditer(reply))
    said = outside_tags(reply, _OPEN_TAG, lambda start: _block(tags, start, len(reply))[1])
    text = without_tokens(said)
    if _OPEN_TAG.search(text):
        return _clean(_tagged(text))
    cut_off = said != reply and reply.startswith(said)
    if cut_off or (marked and not _wrapped(text)):
        return None
    # A reply may also end a tag that the request has begun.
    return _clean(_untagged(_TAG.split(text, maxsplit=1)[0].strip()))


def _block(tags: Sequence[re.Match[str]], start: int, length: int) -> tuple[int, int]:
    """Return the ends of the contents and of the whole of the block whose tag is at `start`.

    A tag that opens within the block is part of it. If it does not close, it is only mentioned there, and the
    last closing tag ends the block. A block that is cut off has both ends at the end of the text.
    """
    depth = 0
    last: re.Match[str] | None = None
    for tag in tags[bisect_left(tags, start, key=lambda tag: tag.start()) :]:
        depth += -1 if tag["close"] else 1
        last = tag if tag["close"] else last
        if not depth:
            break
    return (last.start(), last.end()) if last else (length, length)


def _tagged(text: str) -> str:
    """Return the contents of the last block with contents that closes, or of the last one that is cut off."""
    tags = list(_TAG.finditer(text))
    closed: list[str] = []
    cut: list[str] = []
    at = 0
    for tag in tags:
        if tag["close"] or tag.start() < at:
            continue
        end, at = _block(tags, tag.start(), len(text))
        body = _last_begun(text[tag.end() : end], closed=at > end)
        if _TAG.sub(" ", body).strip():
            (closed if at > end else cut).append(body)
    return (closed or cut or [""])[-1]


def _last_begun(body: str, *, closed: bool) -> str:
    """Return the contents of a block, if not all its tags close, from the last one that begins a line."""
    tags = list(_TAG.finditer(body))
    closing = sum(bool(tag["close"]) for tag in tags) + closed
    begun = [tag.end() for tag in tags if not tag["close"] and body[: tag.start()].endswith("\n")]
    unclosed = 1 + len(tags) - (closing - closed) > closing
    return body[begun[-1] :] if unclosed and begun and body[begun[-1] :].strip() else body


def _untagged(text: str) -> str:
    for _, _, value in objects(text, _KEY):
        for key, item in value.items():
            if _KEY.fullmatch(f'"{key}":') and isinstance(item, str):
                return str(item)
    if (wrapped := _wrapped(text)) is not None:
        return wrapped
    if fenced := [body for body in _FENCED.findall(text) if body.strip()]:
        return str(fenced[-1])
    if found := _LABELLED.search(text) or _HEADING.search(text):
        return text[found.end() :]
    if preface := _PREFACE.match(text):
        return text[preface.end() :]
    if item := _ITEM.search(text):
        return item[1]
    return text


def _wrapped(text: str) -> str | None:
    """Return what stands between tags such as <prompt> that begin and end a line; None without such tags."""
    for opening in islice(_WHOLE_TAG.finditer(text), _MOST):
        closing = re.compile(rf"</{opening[1]}\s?>[ \t]*(?:\n|\Z)", re.I).search(text, opening.end())
        body = text[opening.end() : closing.start() if closing else len(text)]
        if body.strip():
            return body
    return None


def _clean(text: str) -> str:
    text = without_fence(_TAG.sub(" ", text).strip())
    text = re.sub(r"[ \t]+", " ", text).strip()
    if wrapper := _AROUND.fullmatch(text):
        text = wrapper[2].strip()
    if (preface := _PREFACE.match(text)) and text[preface.end() :].strip():
        text = text[preface.end() :]
    if afterword := _AFTERWORD.search(text):
        text = text[: afterword.start()]
    text = without_fence(text.strip()).strip()
    if _QUOTED_LINES.fullmatch(text):
        text = re.sub(r"^[ \t]*> ?", "", text, flags=re.M).strip()
    for opening, closing in _QUOTES * 2:  # Twice, because one pair may enclose another.
        inner = text[len(opening) : -len(closing)].strip()
        # In `"yes" or "no"` there are quotes at both ends, but not around the whole.
        if text == f"{opening}{inner}{closing}" and opening not in inner and closing not in inner:
            text = inner
    return text
