"""Bodies of responses: read up to a limit, before and after decompression, and turned into UTF-8."""

import json
import zlib
from collections.abc import AsyncIterable

from .errors import failure

MOST_BYTES = 16 * 2**20
"""Most bytes of a reply. A reply of 4,000 tokens with 20 alternatives for each has about 7 million."""
MOST_BYTES_OF_ERROR = 2**16
_GZIP_OR_ZLIB = zlib.MAX_WBITS + 32
_MOST_ENCODINGS = 2


async def read_up_to(chunks: AsyncIterable[bytes], limit: int) -> tuple[bytes, bool]:
    """Return the first `limit` bytes, and True if there is more. What follows is not read."""
    parts: list[bytes] = []
    left = limit
    async for chunk in chunks:
        if len(chunk) > left:
            return b"".join([*parts, chunk[:left]]), True
        parts.append(chunk)
        left -= len(chunk)
    return b"".join(parts), False


def decompressed(body: bytes, encodings: str, limit: int) -> tuple[bytes, bool]:
    """Return at most `limit` bytes of a body without its encodings, and True if there is more.

    `encodings` is the header Content-Encoding. Raises `ModelError` for an unknown encoding or broken data.
    """
    names = [name.strip().lower() for name in encodings.split(",")]
    wanted = [name for name in names if name not in ("", "identity")]
    if len(wanted) > _MOST_ENCODINGS or not set(wanted) <= {"gzip", "x-gzip", "deflate"}:
        raise failure(
            "malformed_reply", f"The reply is encoded as {encodings[:40]!r}, which was not asked for."
        )
    more = False
    for _ in wanted:
        body, more = _inflated(body, limit)
    return body, more


def _inflated(body: bytes, limit: int) -> tuple[bytes, bool]:
    try:
        return _inflated_as(_GZIP_OR_ZLIB, body, limit)
    except zlib.error:
        pass
    try:
        return _inflated_as(-zlib.MAX_WBITS, body, limit)
    except zlib.error as error:
        raise failure("malformed_reply", "The reply's compressed data is broken.") from error


def _inflated_as(wbits: int, body: bytes, limit: int) -> tuple[bytes, bool]:
    inflater = zlib.decompressobj(wbits)
    data = inflater.decompress(body, limit + 1)
    if len(data) > limit:
        return data[:limit], True
    if not inflater.eof:
        raise failure("malformed_reply", "The reply's compressed data breaks off.")
    return data, False


def to_utf8(body: bytes, charset: str | None) -> bytes:
    """Return a text in UTF-8 without a byte order mark.

    UTF-16 and UTF-32 are recognised by their first bytes. `charset` is used for a text that is not UTF-8.
    """
    encoding = json.detect_encoding(body)
    if encoding == "utf-8":
        try:
            body.decode()
        except UnicodeDecodeError:
            return _decoded(body, charset).encode()
        return body
    return body.decode(encoding, "replace").encode("utf-8", "replace").removeprefix(b"\xef\xbb\xbf")


def _decoded(body: bytes, charset: str | None) -> str:
    try:
        return body.decode(charset or "utf-8", "replace").encode("utf-8", "replace").decode()
    except (LookupError, ValueError):
        return body.decode("utf-8", "replace")
