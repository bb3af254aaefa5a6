"""Text of a data file, whatever its encoding."""

import codecs
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


def read_text(path: Path, encoding: str | None = None) -> str:
    """Return the text of a file, without its byte order mark and with its own line ends.

    Without `encoding` the byte order mark decides, and a file without one must be UTF-8. Raises `TaskError`
    naming the line and the likely encoding if the bytes are no text.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise TaskError(f"{path}: cannot be read ({error.strerror}).") from error
    marked = next((name for mark, name in _MARKS if raw.startswith(mark)), None)
    try:
        text = raw.decode(marked or encoding or "utf-8")
    except UnicodeDecodeError as error:
        raise _not_text(path, raw, error, marked or encoding) from error
    if "\0" in text:
        raise _nul(path, text)
    return text.removeprefix("\ufeff")


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
