"""Bodies of replies in any charset and compression."""

import codecs
import gzip
import json
import zlib
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web
from openai_serving import KEY, Endpoint, completion, failure_of, serving

from transfer_prompting.agents.models.openai.model import OpenAIModel


@pytest.fixture
async def endpoint() -> AsyncIterator[Endpoint]:
    async with serving() as endpoint:
        yield endpoint


@pytest.fixture
async def model(endpoint: Endpoint) -> AsyncIterator[OpenAIModel]:
    model = OpenAIModel("tiny", endpoint.url, api_key=KEY, timeout=30)
    yield model
    await model.close()


TEXT = json.dumps(completion("grün"), ensure_ascii=False)


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (TEXT.encode(), "text/html"),
        (TEXT.encode(), "application/json; charset=no-such"),
        (codecs.BOM_UTF8 + TEXT.encode(), "application/json"),
        (TEXT.encode("latin-1"), "application/json; charset=latin-1"),
        (TEXT.encode("utf-16"), "application/json"),
        (TEXT.encode("utf-16-le"), "application/json"),
        (TEXT.encode(), "application/json; charset=latin-1"),
    ],
)
async def test_encodings_of_a_text(
    model: OpenAIModel, endpoint: Endpoint, ask: Any, body: bytes, content_type: str
) -> None:
    """The text is read in the encoding that its bytes show, or else in the one that is named."""

    async def handler(_: web.Request) -> web.StreamResponse:
        return web.Response(body=body, headers={"Content-Type": content_type})

    endpoint.handler = handler
    assert (await model.reply(ask())).text == "grün"


def raw_deflate(data: bytes) -> bytes:
    """Return compressed data without a header, which some servers send as "deflate"."""
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


@pytest.mark.parametrize(
    ("pack", "encoding"),
    [(gzip.compress, "gzip"), (zlib.compress, "deflate"), (raw_deflate, "deflate"), (bytes, "identity")],
)
async def test_compressed_replies_are_read(
    model: OpenAIModel, endpoint: Endpoint, ask: Any, pack: Any, encoding: str
) -> None:
    """The encodings that were offered are understood."""

    async def handler(_: web.Request) -> web.StreamResponse:
        return web.Response(body=pack(TEXT.encode()), headers={"Content-Encoding": encoding})

    endpoint.handler = handler
    assert (await model.reply(ask())).text == "grün"


@pytest.mark.parametrize("encoding", ["br", "gzip"])
async def test_unreadable_compression_is_an_error(
    model: OpenAIModel, endpoint: Endpoint, ask: Any, encoding: str
) -> None:
    """An unknown encoding, and data that is not compressed as it says, are malformed."""

    async def handler(_: web.Request) -> web.StreamResponse:
        return web.Response(body=b"no such data", headers={"Content-Encoding": encoding})

    endpoint.handler = handler
    assert (await failure_of(model, ask())).cause == "malformed_reply"
