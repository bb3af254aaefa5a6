"""The API key of an endpoint: it goes into one header, and is blanked wherever a server quotes it."""

import html
import re
from base64 import b64encode
from collections.abc import Iterator
from functools import cached_property
from urllib.parse import unquote

from .errors import failure

BLANK = "[key]"
_LONG = 12
"""Characters from which a key is no common word. Parts of such a key are blanked, too, even in replies."""
_WINDOW = 8
"""Characters of a long key that are blanked together wherever they occur."""
_END = 4
"""Characters of a key's beginning or end that are blanked if they stand alone, as in "ends with 1a2b"."""
_WORD = re.compile(r"[\w-]+")
_MASKED = re.compile(r"([\w-]*)[*•·…]+([\w-]*)|([\w-]*)\.{3,}([\w-]*)|([\w-]*?)[xX]{4,}([\w-]*)")
_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})|\\(/)")


class ApiKey:
    """The key of an endpoint, empty if there is none. Its text is in no `repr`."""

    def __init__(self, key: str | None) -> None:
        self._key = (key or "").strip()

    def __repr__(self) -> str:
        return f"ApiKey({BLANK if self._key else 'none'})"

    def headers(self) -> dict[str, str]:
        """Return the header that carries the key. Raises `ModelError` for a key that no header can hold."""
        return {"Authorization": f"Bearer {self.value}"} if self._key else {}

    @property
    def value(self) -> str:
        """The key as the value of a header. Raises `ModelError` for a key that no header can hold."""
        if not (self._key.isascii() and self._key.isprintable()):
            raise failure("authentication", "The key holds characters that no key may hold.")
        return self._key

    def hide(self, text: str) -> str:
        """Return a text for a person without the key, whether it is quoted whole, in part or encoded."""
        if not self._key:
            return text
        for decode in (_as_is, _without_escapes, unquote, html.unescape):
            decoded = decode(text)
            hidden = self._blanked(decoded)
            if hidden != decoded:
                text = hidden
        return text

    def hide_in_body(self, body: bytes) -> bytes:
        """Return a body without a long key, which a server may quote in an answer, too."""
        if len(self._key) < _LONG:
            return body
        for form in self._quoted_forms:
            if form in body:
                body = body.replace(form, BLANK.encode())
        return body

    def hide_in_text(self, text: str) -> str:
        """Return a part of an answer without a long key: nothing else in an answer is touched."""
        return self.hide_in_body(text.encode()).decode()

    @cached_property
    def _quoted_forms(self) -> tuple[bytes, ...]:
        plain = self._key.encode()
        return (plain, plain.replace(b"/", b"\\/"), *(form.encode() for form in self._encoded))

    @cached_property
    def _encoded(self) -> tuple[str, ...]:
        """The key in hexadecimal and in base64, at each of the three places that it can have there."""
        forms = [self._key.encode().hex()]
        for offset in range(3):
            whole = b64encode(b"\0" * offset + self._key.encode()).decode().rstrip("=")
            # The characters at both ends also depend on what stands around the key.
            core = whole[(0, 2, 3)[offset] : len(whole) - 1]
            forms += [core, core.replace("+", "-").replace("/", "_")]
        return tuple(dict.fromkeys(forms))

    def _blanked(self, text: str) -> str:
        if len(self._key) < _LONG:
            return re.sub(rf"(?<!\w){re.escape(self._key)}(?!\w)", BLANK, text)
        text = _without_parts(text, self._key, _WINDOW)
        for form in self._encoded:
            text = _without_parts(text, form, 2 * _WINDOW)
        text = _MASKED.sub(self._blank_masked, text)
        return _WORD.sub(self._blank_end, text)

    def _blank_masked(self, found: re.Match[str]) -> str:
        """Blank a key of which a server shows only the ends, as in "sk-12****cd"."""
        first, last = [part for part in found.groups() if part is not None]
        shown = len(first) > 1 and self._key.startswith(first)
        return BLANK if shown or (len(last) > 1 and self._key.endswith(last)) else found[0]

    def _blank_end(self, found: re.Match[str]) -> str:
        word = found[0]
        is_end = self._key.startswith(word) or self._key.endswith(word)
        return BLANK if len(word) >= _END and is_end else word


def _as_is(text: str) -> str:
    return text


def _without_escapes(text: str) -> str:
    """Return the text with JSON's escapes decoded."""
    return _ESCAPE.sub(lambda found: found[2] or chr(int(found[1], 16)), text)


def _without_parts(text: str, secret: str, window: int) -> str:
    """Blank every stretch of `text` that consists of parts of the secret, `window` characters or longer."""
    parts = {secret[start : start + window] for start in range(max(1, len(secret) - window + 1))}
    shortest = min(map(len, parts))
    kept, end = [], 0
    for start, stop in _stretches(text, parts, shortest):
        kept += [text[end:start], BLANK]
        end = stop
    return "".join([*kept, text[end:]])


def _stretches(text: str, parts: set[str], length: int) -> Iterator[tuple[int, int]]:
    """Yield the beginning and the end of each stretch in which the parts overlap or touch."""
    begin = end = -1
    for start in range(len(text) - length + 1):
        if text[start : start + length] not in parts:
            continue
        if begin >= 0 and start > end:
            yield begin, end
            begin = -1
        begin = start if begin < 0 else begin
        end = start + length
    if begin >= 0:
        yield begin, end
