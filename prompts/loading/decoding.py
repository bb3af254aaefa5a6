"""Text of a data file, whatever its encoding."""

import codecs
import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from ..errors import TaskError

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # Begins with the mark of UTF-16, so it must be tried first.
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
"""Byte order mark -> encoding."""
_CHUNK = 2**20
_LINE = re.compile(r"[^\r\n]*(?:\r\n|[\r\n])|[^\r\n]+")


def read_text(path: Path, encoding: str | None = None) -> str:
    """Return the text of a file, without its byte order mark and with its own line ends.

    Without `encoding` the byte order mark decides, and a file without one must be UTF-8. Raises `TaskError`
    naming the line and the likely encoding if the bytes are no text.
    """
    return TextFile(path, encoding).text()


class TextFile:
    """A file of text, whose lines are decoded one at a time: a whole text may take four times the bytes."""

    def __init__(self, path: Path, encoding: str | None = None) -> None:
        """Read the file and check it; see `read_text`."""
        self._path = path
        try:
            self._raw = path.read_bytes()
        except OSError as error:
            raise TaskError(f"{path}: cannot be read ({error.strerror}).") from error
        marked = next((name for mark, name in _MARKS if self._raw.startswith(mark)), None)
        self._given = marked or encoding
        self._utf8 = codecs.lookup(self._given or "utf-8").name in ("utf-8", "utf-8-sig")
        if not self._utf8 or b"\0" in self._raw:
            self.text()
            return
        decoder = codecs.getincrementaldecoder("utf-8")()
        try:
            for start in range(0, len(self._raw), _CHUNK):
                decoder.decode(self._raw[start : start + _CHUNK], start + _CHUNK >= len(self._raw))
        except UnicodeDecodeError:
            self.text()  # Its error names the place in the whole file.
            raise

    def text(self) -> str:
        """Return the whole text."""
        try:
            text = self._raw.decode(self._given or "utf-8")
        except UnicodeDecodeError as error:
            raise _not_text(self._path, self._raw, error, self._given) from error
        if "\0" in text:
            raise _nul(self._path, text)
        return text.removeprefix("\ufeff")

    def lines(self) -> Iterator[str]:
        """Yield the lines with their ends: only line feeds and carriage returns end a line."""
        if not self._utf8:
            yield from _lines(self.text())
            return
        first = True
        for raw in BytesIO(self._raw):
            line = raw.decode()
            if first:
                line, first = line.removeprefix("\ufeff"), False
            if "\r" in line[:-2]:
                yield from _lines(line)
            elif line:
                yield line


def _lines(text: str) -> Iterator[str]:
    return (found[0] for found in _LINE.finditer(text))


def _not_text(path: Path, raw: bytes, error: UnicodeDecodeError, encoding: str | None) -> TaskError:
    before = raw[: error.start]
    line = before.count(b"\n") + before.replace(b"\r\n", b"").count(b"\r") + 1
    if encoding is not None:
        return TaskError(f"{path}:{line}: not {encoding} text ({error.reason}). Correct data.encoding.")
    return TaskError(
        f"{path}:{line}: not UTF-8 text (byte 0x{raw[error.start]:02x}). {_likely(raw)} Convert it first, or "
        'name its encoding: data.encoding = "cp1252".'
    )


def _likely(raw: bytes) -> str:
    try:
        raw.decode("utf-8", errors="surrogatepass")
    except UnicodeDecodeError:
        return "It is probably Latin-1 or Windows-1252."
    return "It holds half of a surrogate pair."


def _nul(path: Path, text: str) -> TaskError:
    before = text[: text.index("\0")]
    line = before.count("\n") + 1
    if text.count("\0") * 5 > len(text):
        return TaskError(
            f"{path}:{line}: every other byte is NUL, as in UTF-16 without a byte order mark. Convert it to "
            'UTF-8, or set data.encoding = "utf-16-le" or "utf-16-be".'
        )
    return TaskError(f"{path}:{line}: the line holds a NUL character. Remove it.")
