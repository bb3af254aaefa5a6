"""Words without their dress: markdown, quotes, brackets, case and spacing are not part of an answer."""

import re
from collections.abc import Iterator
from unicodedata import normalize

_QUOTES = {
    '"': '"', "'": "'", "“": "”", "”": "”", "„": "“”", "‘": "’", "’": "’", "‚": "‘’",
    "«": "»", "»": "«", "‹": "›", "›": "‹", "「": "」", "『": "』", "《": "》", "〈": "〉",
}  # fmt: skip
_MARKUP = {"*": "*", "_": "_", "~": "~", "`": "`", "$": "$", "|": "|"}
_BRACKETS = {
    "<": ">", "[": "]", "(": ")", "{": "}", "（": "）", "［": "］", "｛": "｝", "【": "】", "〔": "〕",
}  # fmt: skip
_PAIRS = _QUOTES | _MARKUP | _BRACKETS
_DRESS = {opening: _PAIRS[opening] for opening in _PAIRS if opening not in "({$（｛|"}
"""Pairs that free text is read without. Its other brackets may be its own."""
_COMMAND = re.compile(
    r"\\(?:boxed|fbox|text\w{0,8}|math\w{0,8}|operatorname|mbox|emph|underline|bf|rm|it)\s{0,3}\{"
)
_HTML = re.compile(r"<([a-z][\w-]{0,15})(?:\s[^<>]{0,200})?>", re.IGNORECASE)
_MARKDOWN = " \t\n*_`~#|"
_LOOSE_START, _LOOSE_END = " \t\n*_`~#>|•·→:=", " \t\n*_`~#|\\"
_FINAL = ",;:.!?。．｡、，；：！？…‽।؟·"
_WRAPPING = " \t\n*_`~\"'<>[]“”„‘’‚«»‹›「」『』《》〈〉"
_PICTURES = re.compile(
    "^[\u2190-\u21ff\u2300-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff]+\\s?|\\s?[\u2300-\u27bf\U0001f000-\U0001faff]+$"
)
_STEPS = 40
"""Highest number of layers of dress that are taken off."""


def layers(text: str) -> Iterator[str]:
    """Yield `text`, then the text without its outermost layer of dress or final punctuation, and so on."""
    for _ in range(_STEPS):
        text = text.strip()
        yield text
        less = _undressed(text, _PAIRS) or _without_loose_ends(text)
        if less == text or not less:
            return
        text = less


def unwrapped(text: str) -> str:
    """Return `text` without pairs of signs around it, markdown at its ends and final punctuation."""
    for _ in range(_STEPS):
        less = _undressed(text.strip(), _PAIRS) or text.strip().strip(_MARKDOWN)
        less = less if less != text else text.rstrip(_FINAL)
        if less == text:
            return text
        text = less
    return text


def undressed(text: str) -> str:
    """Return free text without markdown, quotes and code marks around it. Its punctuation stays."""
    for _ in range(_STEPS):
        text = text.strip()
        final = text[-1:] if text[-1:] in ".!?。" else ""
        less = _undressed(text, _DRESS)
        if not less and final and (inner := _undressed(text[:-1].rstrip(), _DRESS)):
            less = inner + final
        if not less and text.count("**") % 2:
            less = text.removeprefix("**").removesuffix("**")
        if not less or less == text:
            return text
        text = less
    return text


def bare(text: str) -> str:
    """Return `text` without the signs around it and without final punctuation: "**Yes**." becomes "Yes"."""
    return text.lstrip(_WRAPPING).rstrip(_WRAPPING + _FINAL)


def one_line(text: str) -> str:
    """Return `text` in Unicode's form NFC and with single spaces."""
    return re.sub(r"\s+", " ", normalize("NFC", text)).strip()


def folded(text: str) -> str:
    """Return the bare words of `text` in one case, to compare them; a text of signs alone keeps its signs."""
    words = one_line(text).casefold()
    return bare(words) or words


def loose(text: str) -> str:
    """Return `text` in one case, one width, and with spaces for the dashes and underscores between words."""
    return re.sub(r"(?<=\w)[-_\s\u2010\u2011]+(?=\w)", " ", one_line(normalize("NFKC", text)).casefold())


def same_words(one: str, other: str) -> bool:
    """Return whether two answers have the same words, whatever their case, spacing and punctuation."""
    return folded(one) == folded(other)


def _undressed(text: str, pairs: dict[str, str]) -> str | None:
    """Return what stands between the signs around the whole of `text`; None if there are none."""
    if len(text) < 2:
        return None
    for opening, closing in ((r"\(", r"\)"), (r"\[", r"\]")):
        if text.startswith(opening) and text.endswith(closing) and len(text) >= 4:
            return text[2:-2].strip()
    if (
        (command := _COMMAND.match(text))
        and text[-1] == "}"
        and _balanced(text[command.end() : -1], "{", "}")
    ):
        return text[command.end() : -1].strip()
    if tag := _HTML.match(text):
        closing = f"</{tag[1]}>"
        if text.casefold().endswith(closing.casefold()) and len(text) >= tag.end() + len(closing):
            return text[tag.end() : -len(closing)].strip()
    opening, inner = text[0], text[1:-1]
    if text[-1] not in pairs.get(opening, ()):
        return None
    if opening in _BRACKETS:
        return inner.strip() if _balanced(inner, opening, text[-1]) else None
    if opening in _MARKUP:
        inner = text.strip(opening)
        return inner.strip() if opening == "_" or opening not in inner or opening == "~" else None
    return inner.strip() if opening not in inner and text[-1] not in inner else None


def _without_loose_ends(text: str) -> str:
    """Return `text` without signs at one end that have no counterpart, or else without final punctuation."""
    less = _PICTURES.sub("", text.lstrip(_LOOSE_START).rstrip(_LOOSE_END))
    for opening, closings in _PAIRS.items():
        if opening in _MARKUP:
            continue
        if less[:1] == opening and not any(closing in less[1:] for closing in closings):
            less = less[1:]
        if less[-1:] and less[-1] in closings and opening not in less[:-1]:
            less = less[:-1]
    if less != text:
        return less
    return text.rstrip(text[-1]) if text[-1:] and text[-1] in _FINAL else text


def _balanced(text: str, opening: str, closing: str) -> bool:
    depth = 0
    for sign in text:
        depth += (sign == opening) - (sign == closing)
        if depth < 0:
            return False
    return depth == 0
